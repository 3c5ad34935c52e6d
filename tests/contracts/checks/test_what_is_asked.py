"""What the checks of answers ask a side, and when they ask nothing: a question too many would change what is judged."""

from collections.abc import Iterator, Sequence

import pytest

from contracts.checks.asking import Asked, Told
from contracts.checks.one_key_is_one_request import one_key_is_one_request
from contracts.checks.others_see_nothing import others_see_nothing
from contracts.checks.replay_is_identical import replay_is_identical
from contracts.checks.truth import Broken

OTHER = {"x-api-key": "other"}
MAKE = Asked("POST", "http://side.test/things", {"idempotency-key": "k1"}, b'{"amount":100}')
TAKEN, REFUSED = Told(201, b"{}"), Told(409, b"{}")


class Listener:
    """Notes what it is asked, and refuses it."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def ask(self, asked: Asked) -> Told:
        """Answer one request."""
        self.urls.append(asked.url)
        return REFUSED


def urls_asked(path: str, told: Told, ids: Sequence[str]) -> tuple[list[str], list[Broken]]:
    """Return the paths that another merchant asks for, and what is found broken."""
    side, asked = Listener(), Asked("GET", f"http://side.test{path}", {"x-api-key": "owner"})
    found = list(others_see_nothing(asked, told, side.ask, other=OTHER, ids=ids))
    return [url.removeprefix("http://side.test") for url in side.urls], found


@pytest.mark.parametrize(
    ("path", "ids", "absent"),
    [
        ("/things/pay_ab12", ["pay_ab12"], "/things/pay_bc23"),
        ("/things/pay_live_zZ9", ["pay_live_zZ9"], "/things/pay_live_aA0"),
        ("/things/ab12", ["ab12"], "/things/bc23"),
        ("/shops/s_1/things/t_2", ["s_1", "t_2"], "/shops/s_2/things/t_3"),
    ],
)
def test_another_merchant_asks_for_it_and_for_what_is_not_there(path: str, ids: list[str], absent: str) -> None:
    assert urls_asked(path, TAKEN, ids) == ([path, absent], [])


def test_of_a_list_another_merchant_asks_once() -> None:
    assert urls_asked("/things", TAKEN, []) == (["/things"], [])


@pytest.mark.parametrize("ids", [[], ["pay_ab12"]])
def test_what_its_owner_was_refused_nobody_else_asks_for(ids: list[str]) -> None:
    assert urls_asked("/things/pay_ab12", REFUSED, ids) == ([], [])


def another_sum_asked(asked: Asked, told: Told) -> Iterator[str]:
    side = Listener()
    assert list(one_key_is_one_request(asked, told, side.ask)) == []
    yield from side.urls


def test_another_sum_is_asked_for_under_the_key_of_a_request_that_was_taken_and_of_no_other() -> None:
    assert list(another_sum_asked(MAKE, TAKEN)) == [MAKE.url]
    assert list(another_sum_asked(MAKE, REFUSED)) == []
    assert list(another_sum_asked(MAKE.without_header("idempotency-key"), TAKEN)) == []
    assert list(another_sum_asked(Asked("POST", MAKE.url, MAKE.headers, b"{}"), TAKEN)) == []


@pytest.mark.parametrize(("asked", "told"), [(MAKE.without_header("idempotency-key"), TAKEN), (MAKE, REFUSED)])
def test_what_names_no_key_or_was_refused_is_not_asked_for_again(asked: Asked, told: Told) -> None:
    side = Listener()
    assert list(replay_is_identical(asked, told, side.ask)) == []
    assert side.urls == []


@pytest.mark.parametrize(("status", "is_success"), [(199, False), (200, True), (299, True), (300, False)])
def test_success_is_what_begins_with_a_two(status: int, *, is_success: bool) -> None:
    assert Told(status, b"").is_success is is_success
