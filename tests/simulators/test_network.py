"""Names on the wire, and the guard: whom the simulators may call."""

import pytest

from simulators.network import GuardRefusal, Network

PEERS = {"http://server.test": "127.0.0.1:40123", "http://other.test:8080": "[::1]:40124"}


async def test_our_own_names_lead_to_their_addresses() -> None:
    network = Network(PEERS)
    assert await network.resolve("server.test", 80) == [("127.0.0.1", 40123)]
    assert await network.resolve("other.test", 8080) == [("::1", 40124)]
    assert (network.has_peers, Network({}).has_peers) == (True, False)


@pytest.mark.parametrize(
    "url", ["http://server.test:81", "https://server.test", "http://[", "server.test", "http://server.test:port"]
)
def test_another_port_scheme_or_no_url_is_not_ours(url: str) -> None:
    assert not Network(PEERS).is_ours(url)


@pytest.mark.parametrize("url", ["http://server.test/a?b", "http://SERVER.test:80", "http://other.test:8080/"])
def test_a_url_is_ours_by_its_host_and_port(url: str) -> None:
    assert Network(PEERS).is_ours(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/ipn", "http://[::1]/", "http://localhost/", "http://shop.test/"])
def test_this_machine_and_names_to_be_resolved_pass_the_first_look(url: str) -> None:
    assert str(Network({}).judge(url)) == url


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://169.254.169.254/", "ftp://127.0.0.1/", "http://[::1", "", "http://a.test:x/"]
)
def test_strangers_are_not_called(url: str) -> None:
    with pytest.raises(GuardRefusal):
        Network({}).judge(url)


def test_a_refusal_says_how_to_allow_it() -> None:
    with pytest.raises(GuardRefusal, match=r"add '10\.0\.0\.1' to SEND_TO"):
        Network({}).judge("http://10.0.0.1/")


@pytest.mark.parametrize("allowed", ["10.0.0.1", "10.0.0.0/8"])
def test_addresses_in_send_to_may_be_called(allowed: str) -> None:
    assert str(Network({}, [allowed]).judge("http://10.0.0.1/")) == "http://10.0.0.1/"


async def test_localhost_is_resolved_without_asking_anybody() -> None:
    assert await Network({}).resolve("localhost", 8000) == [("127.0.0.1", 8000)]


async def test_what_a_name_resolves_to_is_judged_too() -> None:
    # An address as a name is the one name that every machine resolves the same.
    with pytest.raises(GuardRefusal):
        await Network({}).resolve("10.0.0.1", 80)
    assert await Network({}, ["10.0.0.1"]).resolve("10.0.0.1", 80) == [("10.0.0.1", 80)]
    assert await Network({}, ["127.0.0.1"]).resolve("127.0.0.1", 80) == [("127.0.0.1", 80)]


async def test_a_host_named_in_send_to_is_believed_wherever_it_leads() -> None:
    assert await Network({}, ["ip6-LOCALHOST", "0.0.0.0"]).resolve("0.0.0.0", 80) == [("0.0.0.0", 80)]  # noqa: S104  # an address, not a listener


# Full-width and circled digits and ideographic full stops become addresses on the way to the socket (IDNA, UTS 46).
@pytest.mark.parametrize(
    "url",
    [
        "http://\uff11\uff16\uff19.254.169.254/",
        "http://\u24600.0.0.1:8099/",
        "http://169\u3002254\u3002169\u3002254/",
        "http://%31%36%39.254.169.254/",
        "http:\n//\uff11\uff16\uff19.254.169.254/",
    ],
)
def test_a_host_that_only_looks_like_a_name_is_refused(url: str) -> None:
    with pytest.raises(GuardRefusal):
        Network({}).judge(url)


@pytest.mark.parametrize("path", ["/_control/reset", "/a/../_control/reset", "/%5Fcontrol/reset", "/_control%2Freset"])
@pytest.mark.parametrize("place", ["127.0.0.1:8000", "server.test", "localhost", "shop.test"])
def test_a_control_plane_is_never_sent_to(place: str, path: str) -> None:
    with pytest.raises(GuardRefusal, match="control plane"):
        Network(PEERS).judge(f"http://{place}{path}")


async def test_our_own_control_listener_is_never_sent_to() -> None:
    network = Network({}, ["ip6-localhost"])
    network.close_to_sends("http://127.0.0.1:9100")
    for url in ("http://127.0.0.1:9100/", "http://127.1.1.1:9100/", "http://[::1]:9100/"):
        with pytest.raises(GuardRefusal, match="control plane"):
            network.judge(url)
    with pytest.raises(GuardRefusal, match="control plane"):
        await network.resolve("localhost", 9100)
    network.judge("http://127.0.0.1:9106/")


def test_the_address_to_connect_to_is_the_one_that_was_judged() -> None:
    assert str(Network({}).judge("http://127.0.0.1:9/a/../b?c=1")) == "http://127.0.0.1:9/b?c=1"


def test_the_reference_server_is_known_where_the_settings_say_that_it_is() -> None:
    known, unknown = Network({}, server_url="http://127.0.0.1:8000"), Network({})
    assert (known.is_server("http://127.0.0.1:8000/ipn"), known.is_server("http://127.0.0.1:8001/ipn")) == (True, False)
    assert (unknown.is_server("http://127.0.0.1:8000/ipn"), unknown.is_server("http://[")) == (False, False)
    assert (known.knows_server, unknown.knows_server, Network(PEERS).is_server("http://server.test/")) == (
        True,
        False,
        True,
    )
