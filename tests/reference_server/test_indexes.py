"""What the API asks of its tables is found by an index: no question reads a whole table that grows with payments."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from tests.reference_server.apis.payments.shop import UPI, ended, get, post
from tests.reference_server.stage import Stage
from tests.reference_server.webhooks.receiving import HOOKS, hooked

# Of these there are as many as merchants and processes, not as payments.
SMALL = ("merchants", "gateway_accounts", "endpoints", "endpoint_secrets", "incarnations", "job_workers", "job_counts")
QUICK = HOOKS.model_copy(
    update={"provisioning_url": None, "test_mode": True, "test_payment_success": True, "test_processing_delay": 1000}
)


class Asked:
    """The statements that an engine was given, each once, with one set of its parameters."""

    def __init__(self) -> None:
        self.statements: dict[str, Any] = {}

    def note(self, _: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        """Remember one."""
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            self.statements.setdefault(statement, parameters)


@contextmanager
def listening(engine: Engine) -> Generator[Asked]:
    asked = Asked()
    event.listen(engine, "before_cursor_execute", asked.note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", asked.note)


def scans_of(connection: Connection, asked: Asked) -> list[tuple[str, str]]:
    """Return each step that reads a table that grows from end to end, with its statement."""
    explain = "EXPLAIN QUERY PLAN"
    if connection.dialect.name == "postgresql":
        explain = "EXPLAIN"
        # Small tables are read whole, indexes or not: told not to, it still does where no index serves.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    found: list[tuple[str, str]] = []
    for statement, parameters in asked.statements.items():
        plan = connection.exec_driver_sql(f"{explain} {statement}", parameters)
        steps = [str(row[-1]) for row in plan]
        found += [(step, statement) for step in steps if is_scan(step)]
    return found


def steps_of(engine: Engine, asked: Asked) -> list[str]:
    """Return how each statement is carried out."""
    with engine.connect() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", asked.statements[one]) for one in asked.statements
        ]
        return [str(row[3]) for plan in plans for row in plan]


def is_scan(step: str) -> bool:
    """Say whether it is one; a name that is no table of the small ones may be another's alias."""
    _, on_postgres, table = step.partition("Seq Scan on ")
    if on_postgres:
        return table.split()[0] not in SMALL
    words = step.split()
    is_table = words[0] == "SCAN" and words[1] != "CONSTANT" and not words[1].startswith("(")
    return is_table and words[1] not in SMALL and "INDEX" not in words


async def lived(stage: Stage) -> None:
    """Let a merchant do and ask what documents 001 and 003 name."""
    payment_id = await ended(stage, order_id="ORDER-1")
    await post(stage, "/payments", UPI, **{"idempotency-key": "k1"})
    refund = (await post(stage, f"/payments/{payment_id}/refunds", {"amount": 100})).json()
    await stage.advance(minutes=1)
    for path in ("/orders", "/payments", "/refunds", "/webhooks"):
        await get(stage, path)
    for status in ("pending", "success", "failed"):
        await get(stage, "/payments", status=status)
        await get(stage, "/webhooks", status=status)
    await get(stage, "/refunds", status="processed")
    await get(stage, "/refunds", payment_id=payment_id)
    await get(stage, "/payments", order_id="ORDER-1")
    await get(stage, f"/payments/{payment_id}/audit")
    await get(stage, f"/refunds/{refund['id']}")
    (webhook,) = (await get(stage, "/webhooks", limit=1))["items"]
    await get(stage, f"/webhooks/{webhook['id']}")
    await post(stage, f"/webhooks/{webhook['id']}/retry", {})
    await stage.advance(minutes=1)


async def test_no_question_of_the_payments_api_reads_a_whole_table() -> None:
    async with hooked(QUICK) as world:
        await world.endpoint()
        database = world.stage.server.database
        with listening(database.engine) as asked:
            await lived(world.stage)
        assert len(asked.statements) > 20
        assert await database.read(lambda session: scans_of(session.connection(), asked)) == []


async def test_asking_for_the_health_costs_the_same_however_much_is_owed() -> None:
    async with hooked(QUICK) as world:
        await post(world.stage, "/payments", UPI)
        engine = world.stage.server.database.engine
        with listening(engine) as asked:
            assert (await world.stage.client.get("/health")).json()["worker"] == "ok"
        steps = [step for step in steps_of(engine, asked) if " jobs" in step]
        # Not even a whole index: there are as many jobs as there is to do.
        assert steps
        assert not any(step.startswith("SCAN") for step in steps)


async def test_the_webhooks_of_one_payment_are_found_by_it_and_not_among_all_of_the_merchants() -> None:
    async with hooked(QUICK) as world:
        await world.endpoint()
        payment_id = await ended(world.stage, order_id="ORDER-1")
        engine = world.stage.server.database.engine
        with listening(engine) as asked:
            assert (await get(world.stage, "/webhooks", payment_id=payment_id))["total"] == 1
        steps = [step for step in steps_of(engine, asked) if " deliveries " in step]
        assert len(steps) == 2
        assert all("ix_deliveries_event_id" in step for step in steps)
