"""A column is altered by a newer release's migration while a server of the one before runs: nobody meets an error."""

import asyncio

from reference_server.clock import ClockMode
from tests.reference_server.apis.payments.shop import HEADERS, UPI, created, post, sandbox_says
from tests.reference_server.stage import Stage, staged
from tests.services.postgres_server import PostgresServer

WIDER = (
    "ALTER TABLE payments ALTER COLUMN gateway TYPE varchar(50)",
    "ALTER TABLE refunds ALTER COLUMN currency TYPE varchar(9)",
    "ALTER TABLE orders ALTER COLUMN receipt TYPE varchar(300)",
)


async def answers(stage: Stage, payment_id: str) -> list[int]:
    """Return how every kind of call is answered, on more than one connection."""
    reads = [stage.client.get(f"/api/v1/payments/{payment_id}", headers=HEADERS) for _ in range(3)]
    changes = [post(stage, "/payments", UPI), post(stage, f"/payments/{payment_id}/cancel", {})]
    return [answer.status_code for answer in await asyncio.gather(*reads, *changes)]


async def test_plans_of_before_an_altered_column_are_made_anew(postgres: PostgresServer, postgres_url: str) -> None:
    settings = sandbox_says(delay=3_600_000, clock=ClockMode.SYSTEM, seed=None, database_url=postgres_url)
    async with staged(settings) as stage:
        payment_id = await created(stage)
        for statement in WIDER:
            assert await answers(stage, payment_id) == [200, 200, 200, 201, 200]
            database = postgres_url.rpartition("/")[2]
            await asyncio.to_thread(postgres.ask, statement, database=database)
            assert await answers(stage, payment_id) == [200, 200, 200, 201, 200]
