"""Writes SVG elements: attributes and text escaped, numbers short and the same on every machine."""

from markupsafe import Markup, escape


def element(name: str, *children: Markup, **attributes: str | float | None) -> Markup:
    """Write an element. `class_` is `class`; an underscore in a name is a hyphen; None leaves an attribute out."""
    written = Markup().join(
        Markup(' {}="{}"').format(_attribute(key), _value(value))
        for key, value in attributes.items()
        if value is not None
    )
    inside = Markup().join(children)
    if not children:
        return Markup("<{0}{1}/>").format(name, written)
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, inside)


def text(words: str, x: float, y: float, *, class_: str, anchor: str = "start") -> Markup:
    """Write words at a baseline."""
    return element("text", escape(words), x=x, y=y, class_=class_, text_anchor=None if anchor == "start" else anchor)


def path(*parts: str | float, class_: str) -> Markup:
    """Write a path from commands and numbers."""
    return element("path", d=" ".join(_value(part) for part in parts), class_=class_)


def _attribute(key: str) -> str:
    # SVG's own spelling knows one name with capitals that is used here.
    return "viewBox" if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.1f}".removesuffix(".0")
