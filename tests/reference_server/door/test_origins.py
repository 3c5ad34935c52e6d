"""Which pages may ask, those of merchants that another process took in among them."""

import pytest

from reference_server.door.cors import Origins, allow_reading, is_preflight
from reference_server.merchants.frontends import Frontends


class Store:
    """What other processes know; `looks` counts the questions."""

    def __init__(self) -> None:
        self.frontends = Frontends("http://pay.test", "https://front.test")
        self.others: dict[str, str] = {}
        self.looks = 0
        self.seconds = 0.0
        self.origins = Origins(self.frontends, methods=(), recall=self.recall, monotonic=lambda: self.seconds)

    async def recall(self) -> None:
        self.looks += 1
        for name, url in self.others.items():
            self.frontends.learn(name, url)


async def test_a_merchant_of_another_process_is_found_by_looking() -> None:
    store = Store()
    store.others["new"] = "https://new.test/checkout"
    assert await store.origins.knows("https://new.test")
    assert await store.origins.knows("https://new.test")
    assert store.looks == 1


async def test_strangers_make_us_look_every_other_second_at_most() -> None:
    store = Store()
    for seconds, looks in ((0.0, 1), (1.9, 1), (2.0, 2), (2.1, 2)):
        store.seconds = seconds
        assert not await store.origins.knows(f"http://evil-{seconds}.test")
        assert store.looks == looks


@pytest.mark.parametrize("origin", ["http://pay.test", "https://front.test"])
async def test_our_own_pages_and_frontend_url_are_known_without_looking(origin: str) -> None:
    store = Store()
    assert await store.origins.knows(origin)
    assert store.looks == 0


async def test_a_frontend_that_moved_is_known_no_longer() -> None:
    store = Store()
    store.frontends.learn("one", "https://old.test")
    assert await store.origins.knows("https://old.test")
    store.frontends.learn("one", "https://new.test")
    assert not await store.origins.knows("https://old.test")


def test_an_operation_that_names_whose_pages_may_read_has_the_last_word() -> None:
    assert allow_reading(b"https://a.test", [(b"access-control-allow-origin", b"https://b.test")]) == []
    names = [
        name for name, _ in allow_reading(b"https://a.test", [(b"access-control-allow-origin", b"https://a.test")])
    ]
    assert names == [b"access-control-allow-credentials", b"access-control-expose-headers"]


@pytest.mark.parametrize(
    ("method", "headers", "is_one"),
    [
        ("OPTIONS", {b"origin": b"x", b"access-control-request-method": b"POST"}, True),
        ("OPTIONS", {b"origin": b"x"}, False),
        ("OPTIONS", {b"access-control-request-method": b"POST"}, False),
        ("POST", {b"origin": b"x", b"access-control-request-method": b"POST"}, False),
    ],
)
def test_a_preflight_is_told_from_other_questions(method: str, headers: dict[bytes, bytes], *, is_one: bool) -> None:
    assert is_preflight(method, headers) is is_one
