"""`gatewright up` as a user runs it: it comes up, sells, stops on Ctrl-C, and says what to do about a taken port."""

import signal
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.process.programs import ROOT, finish, free_ports, started
from tests.process.shopping import Page, ask, look_at, press

PARTS: tuple[str, ...] = ("server", "panel", "sslcommerz", "merchant")
LAST_LINE = "Ctrl-C stops everything; nothing is kept.\n"
STOPPED_SECONDS_MAX = 10
# Each look holds until something new went over the wire, a second at most.
LOOKS_MAX = 60


@dataclass(frozen=True, slots=True)
class Up:
    """The running program, what it said, and where its parts are."""

    process: subprocess.Popen[str]
    said: str
    urls: Mapping[str, str]


@contextmanager
def everything_up() -> Generator[Up]:
    ports = dict(zip(PARTS, free_ports(len(PARTS)), strict=True))
    with started(f"gatewright up {options(ports)}", cwd=ROOT) as process:
        assert process.stdout
        said = "".join(iter(process.stdout.readline, LAST_LINE))
        yield Up(process, said, {part: f"http://127.0.0.1:{port}" for part, port in ports.items()})


def options(ports: Mapping[str, int]) -> str:
    return " ".join(f"--{part}-port {port}" for part, port in ports.items())


def test_a_shopper_buys_and_the_order_is_paid_and_delivered() -> None:
    with everything_up() as up:
        checkout = press(look_at(up.urls["merchant"]))
        assert checkout.url.startswith(f"{up.urls['sslcommerz']}/EasyCheckOut/")
        assert ("outcome", "success") in checkout.form.buttons
        order = press(press(checkout, ("outcome", "success")))

        assert order.url.startswith(f"{up.urls['merchant']}/orders/")
        assert outcome_of(up, order) == "SUCCESS"
        (effect,) = ask(f"{up.urls['panel']}/_control/effects")["effects"]
        assert (effect["calls"], effect["done"]) == (1, 1)


def outcome_of(up: Up, order: Page) -> str:
    """Return the order's status word once it is final, looking again whenever something went over the wire."""
    seen = 0
    for _ in range(LOOKS_MAX):
        status = ask(f"{up.urls['server']}/payment/status/{order.url.rsplit('/', 1)[-1]}")
        if status["status"] not in {"PENDING", "VALIDATED", "SYNC_PENDING"}:
            return status["status"]
        news = ask(f"{up.urls['panel']}/_control/journal?after={seen}&wait=1")["exchanges"]
        seen = max([seen, *(exchange["id"] for exchange in news)])
    return "never final"


def test_it_says_where_every_part_is_and_each_answers() -> None:
    with everything_up() as up:
        assert all(url in up.said for url in up.urls.values())
        assert ask(f"{up.urls['panel']}/_control/health")["ready"] is True
        assert ask(f"{up.urls['server']}/_control/health")["ready"] is True
        assert "The Licence Shop" in look_at(up.urls["merchant"]).text


def test_ctrl_c_ends_it_at_once_though_a_browser_keeps_its_connection() -> None:
    with everything_up() as up:
        host, port = up.urls["merchant"].removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as kept:
            kept.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
            assert kept.recv(15) == b"HTTP/1.1 200 OK"
            up.process.send_signal(signal.SIGINT)
            rest, _ = up.process.communicate(timeout=STOPPED_SECONDS_MAX)

        assert up.process.returncode == 0
        assert rest == "stopping\n"


def test_a_taken_port_is_refused_with_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = dict(zip(PARTS, free_ports(len(PARTS)), strict=True)) | {"sslcommerz": taken.getsockname()[1]}
        done = finish(f"gatewright up {options(ports)}", cwd=ROOT)

        assert done.code == 2
        assert "in use" in done.output
        assert "--sslcommerz-port" in done.output
        assert "Traceback" not in done.output
