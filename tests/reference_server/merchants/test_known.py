"""Whose key and secret these are, remembered for at most a second, and never for a wrong pair."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import UnauthenticatedError
from reference_server.ids import MerchantId
from reference_server.merchants.known import KnownMerchants
from reference_server.merchants.model import Merchant
from reference_server.merchants.store import digest_of
from tests.reference_server.engine import placed_url


@asynccontextmanager
async def opened(folder: Path, *, virtual: bool = False) -> AsyncGenerator[tuple[Database, KnownMerchants]]:
    database = Database(placed_url(f"sqlite:///{folder}/server.db"), inline=lambda: False)
    database.open()
    start = datetime(2030, 1, 1, tzinfo=UTC) if virtual else None
    try:
        await database.run(add)
        yield database, KnownMerchants(database, Clock(Activity(), virtual_from=start))
    finally:
        await database.finish()
        database.close()


def add(session: Session) -> None:
    digest = digest_of("secret-one")
    merchant = Merchant(
        id=MerchantId("mer_1"), name="one", api_key="key-one", api_secret_digest=digest, frontend_url="http://shop.test"
    )
    session.add(merchant)


def rotate(session: Session) -> None:
    merchant = session.exec(select(Merchant)).one()
    merchant.api_secret_digest = digest_of("secret-two")
    session.add(merchant)


async def test_what_was_proven_is_not_asked_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as (database, known):
        await known.authenticate("key-one", "secret-one")
        await database.run(rotate)
        assert (await known.authenticate("key-one", "secret-one")).name == "one"


async def test_who_rotates_here_is_asked_anew_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as (database, known):
        await known.authenticate("key-one", "secret-one")
        await database.run(rotate)
        known.forget()
        with pytest.raises(UnauthenticatedError):
            await known.authenticate("key-one", "secret-one")


async def test_on_a_virtual_clock_nothing_is_remembered(tmp_path: Path) -> None:
    async with opened(tmp_path, virtual=True) as (database, known):
        await known.authenticate("key-one", "secret-one")
        await database.run(rotate)
        with pytest.raises(UnauthenticatedError):
            await known.authenticate("key-one", "secret-one")


@pytest.mark.parametrize(
    ("key", "secret"),
    [("key-one", "secret-two"), ("key-onesecret", "-one"), ("key-on", "esecret-one"), ("", ""), ("key-one", "")],
)
async def test_a_remembered_pair_proves_no_other(tmp_path: Path, key: str, secret: str) -> None:
    async with opened(tmp_path) as (_, known):
        await known.authenticate("key-one", "secret-one")
        with pytest.raises(UnauthenticatedError):
            await known.authenticate(key, secret)


async def test_a_rotated_secret_works_elsewhere_for_a_second_and_not_longer(tmp_path: Path) -> None:
    nanoseconds = iter([0, 999_999_999, 1_000_000_000])
    async with opened(tmp_path) as (database, _):
        known = KnownMerchants(database, Clock(Activity()), monotonic_ns=lambda: next(nanoseconds))
        await known.authenticate("key-one", "secret-one")
        await database.run(rotate)
        assert (await known.authenticate("key-one", "secret-one")).name == "one"
        with pytest.raises(UnauthenticatedError):
            await known.authenticate("key-one", "secret-one")
