HTMLFormElement.prototype.submit.call(document.getElementById("back"));
