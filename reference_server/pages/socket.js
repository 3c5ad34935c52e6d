// A Socket.IO client as far as this page needs one: Engine.IO 4 and Socket.IO 5 over WebSocket, default namespace, text
// only. It comes back by itself with longer and longer waits; what was told while it was away, the next join answers.

const WAIT_FIRST = 500, WAIT_MOST = 15_000;
const ENGINE = {open: "0", close: "1", ping: "2", pong: "3", message: "4"};
const SOCKET = {connect: "0", disconnect: "1", event: "2", ack: "3", refused: "4"};

export class Socket {
  #address; #heard; #socket = null; #asked = new Map(); #next = 0; #wait = WAIT_FIRST; #silence = 0; #patience = 0; #closed = false;

  // `heard` has onConnect(), onEvent(name, body) and onLost(): lost may come any number of times, connect after each.
  constructor(origin, heard) {
    this.#address = `${origin.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
    this.#heard = heard;
    this.#open();
  }

  // Sends an event and promises its acknowledgement; rejects when the connection is lost before that.
  ask(name, body) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, {resolve, reject});
      this.#socket.send(ENGINE.message + SOCKET.event + id + JSON.stringify([name, body]));
    });
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
  }

  #open() {
    if (this.#closed) return;
    const socket = this.#socket = new WebSocket(this.#address);
    socket.onmessage = ({data}) => this.#read(String(data));
    socket.onclose = () => this.#lose(socket);
    // The server's silence at the handshake must not look like waiting for news.
    this.#watch(10_000);
  }

  #lose(socket) {
    if (socket !== this.#socket) return;
    clearTimeout(this.#silence);
    for (const {reject} of this.#asked.values()) reject(new Error("the connection is lost"));
    this.#asked.clear();
    this.#heard.onLost();
    if (this.#closed) return;
    // Spread by half, so that a server that comes back is not met by all pages at once.
    setTimeout(() => this.#open(), this.#wait * (0.5 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, WAIT_MOST);
  }

  #read(packet) {
    if (this.#patience) this.#watch(this.#patience);
    const kind = packet[0];
    if (kind === ENGINE.open) {
      const {pingInterval, pingTimeout} = JSON.parse(packet.slice(1));
      this.#patience = pingInterval + pingTimeout;
      this.#socket.send(ENGINE.message + SOCKET.connect);
    } else if (kind === ENGINE.ping) this.#socket.send(ENGINE.pong);
    else if (kind === ENGINE.close) this.#socket.close();
    else if (kind === ENGINE.message) this.#hear(packet[1], packet.slice(2));
  }

  #hear(kind, rest) {
    if (kind === SOCKET.connect) {
      this.#wait = WAIT_FIRST;
      this.#heard.onConnect();
    } else if (kind === SOCKET.disconnect || kind === SOCKET.refused) this.#socket.close();
    else if (kind === SOCKET.event || kind === SOCKET.ack) {
      const [, id, body] = /^(\d*)(.*)$/s.exec(rest);
      const told = JSON.parse(body);
      if (kind === SOCKET.event) this.#heard.onEvent(...told);
      else this.#asked.get(Number(id))?.resolve(told[0]);
      this.#asked.delete(Number(id));
    }
  }

  // A connection on which not even pings come is dead, whatever the browser believes.
  #watch(milliseconds) {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#silence = setTimeout(() => { socket.close(); this.#lose(socket); }, milliseconds);
  }
}
