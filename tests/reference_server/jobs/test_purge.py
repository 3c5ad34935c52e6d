"""What is purged by age goes, a bounded part at a time, and nothing else does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from reference_server.audit import AuditLine
from reference_server.database import Database
from reference_server.idempotency.model import IdempotencyKey
from reference_server.jobs.purge import PART, Purge, purge_all
from reference_server.joining.purges import join_purges
from reference_server.settings import Settings
from reference_server.tables import ALL
from tests.reference_server.engine import placed_url

AT = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
LINES = Purge(AuditLine, since="at", age=DAY, where=col(AuditLine.cause) != "kept")


def line(ago: timedelta, cause: str = "") -> AuditLine:
    at = AT - ago
    return AuditLine(at=at, order_id="o", resource="r", resource_id="", before="", after="", event="", cause=cause)


def key(ago: timedelta) -> IdempotencyKey:
    name = f"k{ago.total_seconds()}"
    made = {"request_hash": "", "created_at": AT - ago - DAY, "expires_at": AT - ago}
    return IdempotencyKey(merchant_id="m", key=name, operation="o", **made)  # pyright: ignore[reportArgumentType]  # as its columns


async def test_more_than_a_part_goes_whole_and_what_is_young_or_kept_stays(tmp_path: Path) -> None:
    database = Database(placed_url(f"sqlite:///{tmp_path}/a.db"), inline=lambda: True)
    database.open()
    old, young = [line(2 * DAY) for _ in range(2 * PART + 1)], [line(DAY), line(timedelta(0)), line(9 * DAY, "kept")]
    await database.run(lambda session: session.add_all([*old, *young]))
    gone = await purge_all(database, [LINES], now=AT)
    left = await database.read(lambda session: len(session.exec(select(AuditLine)).all()))
    assert (gone, left) == ({"audit_lines": len(old)}, 3)
    assert await purge_all(database, [LINES], now=AT) == {}


async def test_rows_whose_key_is_of_several_columns_go_too(postgres_url: str) -> None:
    database = Database(postgres_url, inline=lambda: True)
    database.open()
    await database.run(lambda session: session.add_all([key(timedelta(minutes=30 * n)) for n in range(6)]))

    def names(session: Session) -> list[str]:
        return sorted(session.exec(select(IdempotencyKey.key)))

    keys = next(one for one in join_purges(Settings()) if one.row is IdempotencyKey)
    assert await purge_all(database, [keys], now=AT) == {"idempotency_keys": 3}
    assert await database.read(names) == ["k0.0", "k1800.0", "k3600.0"]
    database.close()


@pytest.mark.parametrize("purge", join_purges(Settings()), ids=lambda purge: purge.row.__name__)
def test_money_and_the_audit_trail_are_never_purged(purge: Purge) -> None:
    names = {row.__name__ for row in ALL}
    assert purge.row.__name__ in names - {
        "AuditLine",
        "Payment",
        "PaymentAttempt",
        "Refund",
        "Order",
        "Job",
        "Merchant",
    }
    assert purge.age >= timedelta(hours=1)
