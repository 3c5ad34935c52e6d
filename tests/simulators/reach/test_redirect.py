"""The environment of a redirected program, and the command line that makes it."""

import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulators.reach.authority import Certificates, provide
from simulators.reach.cli import app
from simulators.reach.hosts import HOSTS
from simulators.reach.redirect import proxied, redirected

LISTENER = ("127.0.0.1", 9143)


def certificates(folder: Path) -> Certificates:
    return provide(folder, HOSTS, now=datetime(2031, 5, 1, tzinfo=UTC))


def test_every_gateway_is_known_by_its_hosts() -> None:
    assert HOSTS["sandbox.sslcommerz.com"] == HOSTS["securepay.sslcommerz.com"] == "sslcommerz"


def test_what_the_user_set_is_kept_behind_what_is_added(tmp_path: Path) -> None:
    given = {"PYTHONPATH": "mine", "NODE_OPTIONS": "--no-warnings", "NO_PROXY": "intranet", "PAGER": "less"}
    made = redirected(given, LISTENER, certificates(tmp_path))

    preload, mine = made["PYTHONPATH"].split(":")
    assert (Path(preload, "sitecustomize.py").is_file(), mine) == (True, "mine")
    assert made["NODE_OPTIONS"].startswith("--no-warnings --require ")
    # A proxy of the user's would look the hosts up by itself, and find the vendor.
    assert made["NO_PROXY"] == made["no_proxy"] == ",".join(["intranet", *HOSTS])
    assert (made["GATEWRIGHT_LISTENER"], made["PAGER"]) == ("127.0.0.1:9143", "less")


def test_a_proxied_program_makes_no_exception_for_the_gateways(tmp_path: Path) -> None:
    made = proxied({"NO_PROXY": "*", "no_proxy": "*", "PYTHONPATH": "mine"}, LISTENER, certificates(tmp_path))

    assert made["HTTPS_PROXY"] == made["https_proxy"] == "http://127.0.0.1:9143"
    assert not {"NO_PROXY", "no_proxy"} & made.keys()
    assert made["PYTHONPATH"] == "mine"


def test_a_proxy_at_ipv6_is_named_as_urls_name_it(tmp_path: Path) -> None:
    # RFC 3986, 3.2.2: an IPv6 address in a URL stands in brackets.
    made = proxied({}, ("::1", 9180), certificates(tmp_path))

    assert made["HTTPS_PROXY"] == "http://[::1]:9180"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_python_program_reaches_a_listener_of_either_family(tmp_path: Path, host: str) -> None:
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        address = (host, int(listener.getsockname()[1]))
        environment = redirected({}, address, certificates(tmp_path))
        program = "import socket; socket.create_connection(('sandbox.sslcommerz.com', 443), 10).sendall(b'here')"
        subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)
        with listener.accept()[0] as accepted:
            assert accepted.recv(4) == b"here"


@pytest.mark.parametrize("address", ["9143", "here:", "here:port", "here:0", "here:65536", ":9143", "", "here:٣"])
def test_an_address_that_is_none_is_shown_with_a_good_one(tmp_path: Path, address: str) -> None:
    told = CliRunner().invoke(app, ["redirect", "--certs-dir", str(tmp_path), "--to", address, "--", "true"])

    assert (told.exit_code, "give it as 127.0.0.1:9143" in told.stderr) == (2, True)


@pytest.mark.parametrize("way", ["--to", "--proxy"])
def test_where_nobody_listens_the_user_is_told_what_to_start(tmp_path: Path, way: str) -> None:
    told = CliRunner().invoke(app, ["redirect", "--certs-dir", str(tmp_path), way, "127.0.0.1:1", "--", "true"])

    assert told.exit_code == 2
    assert "127.0.0.1:1" in told.stderr
    assert "gatewright simulate --tls" in told.stderr


def test_certs_says_what_to_set_for_whom(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["certs", "--dir", str(tmp_path)])

    assert told.exit_code == 0
    words = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "curl.cainfo", "javax.net.ssl.trustStore")
    assert [word for word in words if word not in told.stdout] == []


@pytest.mark.parametrize(
    ("command", "words"),
    [("certs", ("simulate --tls", "renewed")), ("redirect", ("-- python shop.py", "-- node shop.js", "--proxy"))],
)
def test_help_teaches_by_lines_to_copy(command: str, words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "80"}).stdout

    assert [word for word in words if word not in told] == []
