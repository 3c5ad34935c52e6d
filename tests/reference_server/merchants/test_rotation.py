"""Rotations in any order against the simplest model: each key and secret has an instant at which it ends, or none."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from reference_server.database import Database
from reference_server.errors import UnauthenticatedError
from reference_server.ids import MerchantId
from reference_server.merchants.apply import NewMerchant, Rotation, register_merchant, rotate_key, rotate_secret
from reference_server.merchants.store import authenticate, digest_of
from tests.counts import large
from tests.reference_server.engine import placed_url

START = datetime(2030, 1, 1, tzinfo=UTC)
MERCHANT = MerchantId("mer_1")
MOVES = st.tuples(st.sampled_from(["key", "secret", "wait"]), st.integers(min_value=0, max_value=3))


def register(session: Session) -> None:
    new = NewMerchant(MERCHANT, "one", "a@b.example", "key_0", digest_of("secret_0"), "http://shop.test")
    register_merchant(session, new, at=START)


def works(session: Session, key: str, secret: str, *, at: datetime) -> bool:
    try:
        return authenticate(session, key, api_secret=secret, at=at).id == MERCHANT
    except UnauthenticatedError:
        return False


@given(st.lists(MOVES, min_size=1, max_size=8))
@settings(max_examples=large(300), deadline=None)
def test_a_key_works_with_a_secret_exactly_while_neither_has_ended(moves: list[tuple[str, int]]) -> None:
    ends_of_it, drawn, now = ExitStack(), count(1), START
    database = Database(placed_url("sqlite://", until=ends_of_it), inline=lambda: True)
    database.open()
    database.run_now(register)
    ends: dict[str, dict[str, datetime | None]] = {"key": {"key_0": None}, "secret": {"secret_0": None}}
    rotations: dict[str, Callable[..., datetime]] = {"key": rotate_key, "secret": rotate_secret}
    for move, hours in moves:
        if move == "wait":
            now += timedelta(hours=hours)
            continue
        new, end = f"{move}_{next(drawn)}", now + timedelta(hours=hours)
        rotation = Rotation(now, timedelta(hours=hours))
        database.run_now(
            lambda session, rotate=rotations[move], new=new, it=rotation: rotate(session, MERCHANT, new, rotation=it)
        )
        ends[move] = {old: end if until is None else min(until, end) for old, until in ends[move].items()} | {new: None}
    expected = {
        (k, s): _is_live(until, now) and _is_live(ends["secret"][s], now)
        for k, until in ends["key"].items()
        for s in ends["secret"]
    }
    seen = {pair: database.read_now(lambda session, pair=pair: works(session, *pair, at=now)) for pair in expected}
    database.close()
    ends_of_it.close()
    assert seen == expected


def _is_live(until: datetime | None, now: datetime) -> bool:
    return until is None or now < until
