"""Whom a request comes from, and who is believed when he says so."""

from typing import Any

import pytest

from reference_server.door.forwarded import Proxies, as_sent, is_loopback, subscriber_of

OURS = Proxies(["10.0.0.0/8", "192.0.2.7", "fd00::/8"])


def a_scope(peer: str, headers: dict[bytes, bytes], *, scheme: str = "http") -> dict[str, Any]:
    return {"client": (peer, 4711), "scheme": scheme, "headers": [(b"host", b"own.test"), *headers.items()]}


def address(peer: str, chain: str, proxies: Proxies = OURS) -> str:
    headers = {b"x-forwarded-for": chain.encode("latin-1")}
    return proxies.sender_of(a_scope(peer, headers), headers).address


@pytest.mark.parametrize(
    ("peer", "chain", "seen"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.2.0.1, 192.0.2.7", "198.51.100.1"),
        ("10.0.0.1", "10.3.0.1, 10.2.0.1", "10.3.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, nonsense, 10.2.0.1", "10.2.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "\xff\xfe", "10.0.0.1"),
        ("10.0.0.1", ",,,", "10.0.0.1"),
        ("not an address", "198.51.100.1", "not an address"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(peer: str, chain: str, seen: str) -> None:
    assert address(peer, chain) == seen


def test_nobody_is_believed_where_no_proxy_is_named() -> None:
    assert address("127.0.0.1", "198.51.100.1", Proxies([])) == "127.0.0.1"


@pytest.mark.parametrize(
    ("told", "scheme", "seen"),
    [
        (b"https", "http", "https"),
        (b"HTTPS", "http", "https"),
        (b"http, https", "http", "https"),
        (b"https, http", "https", "http"),
        (b"https", "ws", "wss"),
        (b"gopher", "http", "http"),
    ],
)
def test_the_nearest_proxy_says_whether_it_was_encrypted(told: bytes, scheme: str, seen: str) -> None:
    headers = {b"x-forwarded-proto": told}
    assert OURS.sender_of(a_scope("10.0.0.1", headers, scheme=scheme), headers).scheme == seen


def test_a_stranger_cannot_say_that_it_was_encrypted() -> None:
    headers = {b"x-forwarded-proto": b"https", b"x-forwarded-host": b"bank.example"}
    sender = OURS.sender_of(a_scope("203.0.113.9", headers), headers)
    assert (sender.scheme, sender.host, sender.is_direct) == ("http", None, False)


def test_the_scope_is_as_it_was_before_the_proxies() -> None:
    headers = {b"x-forwarded-for": b"198.51.100.1", b"x-forwarded-proto": b"https", b"x-forwarded-host": b"pay.example"}
    scope = a_scope("10.0.0.1", headers)
    seen = as_sent(scope, OURS.sender_of(scope, headers))
    assert (seen["client"][0], seen["scheme"], dict(seen["headers"])[b"host"]) == (
        "198.51.100.1",
        "https",
        b"pay.example",
    )
    assert [name for name, _ in seen["headers"]].count(b"host") == 1


def test_without_an_address_nobody_is_anybody() -> None:
    assert OURS.sender_of({"client": None, "headers": []}, {}).address == ""


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("198.51.100.1", "198.51.100.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:198.51.100.1", "198.51.100.1", True),
        ("", "", True),
    ],
)
def test_who_can_change_his_address_at_will_stays_the_same(one: str, other: str, *, is_same: bool) -> None:
    assert (subscriber_of(one) == subscriber_of(other)) is is_same


@pytest.mark.parametrize(("named", "is_own"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("x", False)])
def test_this_machine_has_several_names(named: str, *, is_own: bool) -> None:
    assert is_loopback(named) is is_own
