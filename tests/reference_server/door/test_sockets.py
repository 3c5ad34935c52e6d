"""Sockets come through the same door: encrypted, and from known pages."""

from typing import Any

from reference_server.door.cors import Origins
from reference_server.door.doorstep import DoorTerms, SocketStep
from reference_server.door.encryption import Encryption
from reference_server.door.forwarded import Proxies
from reference_server.door.limits import Limiter
from reference_server.merchants.frontends import Frontends
from tests.reference_server.door.test_limits import a_clock


class Sockets:
    """The socket server: it remembers what reached it, and what was answered."""

    def __init__(self) -> None:
        self.reached: list[Any] = []
        self.sent: list[Any] = []
        self.frontends = Frontends("https://pay.example")

    async def recall(self) -> None:
        self.frontends.learn("new", "https://new.test")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.append((scope["client"][0], self.frontends.is_origin("https://new.test")))

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def ask(self, kind: str, *headers: tuple[bytes, bytes]) -> None:
        terms = DoorTerms(
            proxies=Proxies(["10.0.0.1"]),
            encryption=Encryption("https://pay.example", is_required=True),
            origins=Origins(self.frontends, methods=(), recall=self.recall, monotonic=lambda: 0.0),
            limiter=Limiter(a_clock()),
            rule=None,
            unlimited=(),
            draw_id=lambda: "",
        )
        scope = {"type": kind, "path": "/socket.io/", "client": ("10.0.0.1", 1), "headers": list(headers)}
        scheme = "ws" if kind == "websocket" else "http"
        await SocketStep(self, terms)(scope | {"scheme": scheme}, lambda: None, self.send)  # pyright: ignore[reportArgumentType]  # nothing is received


async def test_a_socket_that_is_not_encrypted_is_refused() -> None:
    sockets = Sockets()
    await sockets.ask("websocket", (b"x-forwarded-proto", b"http"))
    await sockets.ask("http", (b"x-forwarded-proto", b"http"))
    assert sockets.reached == []
    assert [(it["type"], it.get("status")) for it in sockets.sent[:2]] == [
        ("websocket.close", None),
        ("http.response.start", 403),
    ]


async def test_an_encrypted_one_is_let_in_under_its_own_address() -> None:
    sockets = Sockets()
    told = ((b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"198.51.100.1"))
    await sockets.ask("websocket", *told)
    await sockets.ask("websocket", *told, (b"origin", b"https://new.test"))
    assert sockets.reached == [("198.51.100.1", False), ("198.51.100.1", True)]
