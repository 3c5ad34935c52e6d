"""The commands of README.md, run as they stand there (those of dev.py test and check: test_dev.py)."""

import signal
import urllib.request
from pathlib import Path

import pytest

from tests.process.programs import ROOT, finish, free_ports, started

UP = "python3 dev.py up"
SIMULATE = "gatewright simulate"
SERVE = "MERCHANT_API_KEY=key MERCHANT_API_SECRET=secret TEST_MODE=true TEST_PROCESSING_DELAY=0 gatewright serve"
PAY = (
    "curl -s localhost:8000/api/v1/payments -H 'X-Api-Key: key' -H 'X-Api-Secret: secret' "
    """--json '{"amount": 50000, "method": "upi", "vpa": "rahul@okbank"}'"""
)
PARTS = ("server", "panel", "sslcommerz", "merchant")


def test_stories_are_played_and_reported(tmp_path: Path) -> None:
    done = finish("gatewright run --report report.html", cwd=tmp_path)

    assert done.code == 0, done.output
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    "command",
    [
        "gatewright run scenarios/library/sslcommerz/ipn_late_and_three_times.yaml",
        "gatewright steps",
        "gatewright conform --list",
    ],
)
def test_command_of_the_tour_ends_well(command: str) -> None:
    done = finish(command, cwd=ROOT)

    assert done.code == 0, done.output


def test_a_side_is_held_to_its_document(tmp_path: Path) -> None:
    done = finish("gatewright contract sslcommerz --cases 200 --report contract.html", cwd=tmp_path)

    assert done.code == 0, done.output
    assert (tmp_path / "contract.html").exists()


def test_the_server_is_held_to_its_document() -> None:
    done = finish("gatewright contract server --only /api/v1/orders --cases 20", cwd=ROOT)

    assert done.code == 0, done.output


def test_a_payment_is_taken_by_the_server_alone(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with started(f"env {SERVE} --port {port}", cwd=tmp_path) as process:
        assert process.stdout
        assert "listens" in process.stdout.readline()
        answer = finish(PAY.replace(":8000", f":{port}"), cwd=tmp_path)

    assert '"status":"pending"' in answer.output.replace(" ", ""), answer.output


def test_a_story_of_ones_own_is_written_and_plays(tmp_path: Path) -> None:
    new = finish('gatewright new "The IPN comes twice"', cwd=tmp_path)
    assert new.code == 0, new.output
    played = finish("gatewright run the_ipn_comes_twice.yaml", cwd=tmp_path)
    assert played.code == 0, played.output


@pytest.mark.parametrize(
    ("command", "accused"),
    [
        (
            "gatewright conform tests/conformance/shops/flask_plain.yaml --case A05 --case B01 --report card.html",
            ["A05", "B01"],
        ),
        ("gatewright conform --played --flaw fulfils_on_the_return --case A04", ["A04"]),
    ],
)
def test_a_shop_that_breaks_is_accused(command: str, accused: list[str], tmp_path: Path) -> None:
    done = finish(command.replace("tests/", f"{ROOT}/tests/"), cwd=tmp_path)

    assert done.code == 1, done.output
    assert all(case in done.output for case in accused)


def test_the_gateways_alone_come_up_and_stop() -> None:
    with started(f"{SIMULATE} --any-ports", cwd=ROOT) as process:
        assert process.stdout
        said = dict(line.split(maxsplit=1) for line in iter(process.stdout.readline, "Press Ctrl+C to stop.\n"))
        with urllib.request.urlopen(f"{said['control'].strip()}/_control/health", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0


def test_everything_comes_up_says_where_to_look_and_stops() -> None:
    ports = " ".join(f"--{part}-port {port}" for part, port in zip(PARTS, free_ports(len(PARTS)), strict=True))
    with started(f"{UP} {ports}", cwd=ROOT) as process:
        assert process.stdout
        said = "".join(iter(process.stdout.readline, "Ctrl-C stops everything; nothing is kept.\n"))
        shop = next(word for word in said.split() if word.startswith("http://"))
        with urllib.request.urlopen(shop, timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0
