"""Places of a worker: what is slow gives its own back, takes one of as many others, and then waits for its like."""

from datetime import UTC, datetime

from reference_server.jobs.places import REMEMBERED_MAX, Places
from reference_server.jobs.queues import Queue
from reference_server.jobs.store import Claim, Duty

AT = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = 1_000_000_000


class Bench:
    """Four places, and a clock that a test moves."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.places = Places(4, monotonic_ns=lambda: self.now_ns)
        self.claims: dict[str, Claim] = {}

    def begin(self, abouts: str, name: str = "deliver_webhook") -> None:
        for about in abouts:
            self.claims[about] = Claim(len(self.claims) + 1, Duty(name, about, "GW"), AT, tries=0, fence=1)
            self.places.take(self.claims[about])

    def end(self, abouts: str) -> None:
        for about in abouts:
            self.places.leave(self.claims[about])

    def webhooks(self) -> int:
        return self.places.room()[Queue.WEBHOOK]


def test_each_queue_has_its_places() -> None:
    it = Bench()
    it.begin("abc")
    it.begin("p", "acquire_payment")
    assert it.places.room() == {Queue.PAYMENT: 3, Queue.REFUND: 4, Queue.WEBHOOK: 1, Queue.OTHER: 4}
    it.end("ap")
    assert it.places.room() == {Queue.PAYMENT: 4, Queue.REFUND: 4, Queue.WEBHOOK: 2, Queue.OTHER: 4}


def test_a_delivery_that_lasts_gives_its_place_to_another_and_a_payment_keeps_its_own() -> None:
    it = Bench()
    it.begin("abcd")
    it.begin("pqrs", "acquire_payment")
    assert it.webhooks() == 0
    it.now_ns = SECOND
    assert (it.webhooks(), it.places.room()[Queue.PAYMENT]) == (4, 0)


def test_slow_ones_past_their_own_places_take_others() -> None:
    it = Bench()
    it.begin("abcd")
    it.now_ns = SECOND
    it.begin("efg")
    assert it.webhooks() == 1
    it.now_ns = 2 * SECOND
    assert it.webhooks() == 1
    it.begin("h")
    it.now_ns = 3 * SECOND
    assert it.webhooks() == 0


def test_an_endpoint_that_was_slow_takes_no_healthy_ones_place_and_waits_while_many_slow_ones_run() -> None:
    it = Bench()
    it.begin("abcd")
    it.now_ns = SECOND
    it.end("abcd")
    assert it.places.avoided() == ()
    it.begin("ab")
    assert it.webhooks() == 4
    assert set(it.places.avoided()) == set("abcd")


def test_an_endpoint_that_answers_in_time_again_is_slow_no_longer() -> None:
    it = Bench()
    it.begin("ab")
    it.now_ns = SECOND
    it.end("ab")
    it.begin("a")
    it.end("a")
    it.begin("a")
    it.begin("b")
    assert it.webhooks() == 3


def test_so_many_slow_endpoints_are_remembered_and_no_more() -> None:
    it = Bench()
    many = "".join(chr(0x4E00 + number) for number in range(REMEMBERED_MAX + 9))
    it.begin(many)
    it.now_ns = SECOND
    it.end(many)
    it.begin(many[-2:])
    assert list(it.places.avoided()) == list(many[9:])
