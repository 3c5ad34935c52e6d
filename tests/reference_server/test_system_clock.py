"""The server as it serves: on the machine's clock, with the writer thread, running by itself what is owed."""

import asyncio
from pathlib import Path

from reference_server.clock import ClockMode
from reference_server.settings import Settings
from tests.reference_server.stage import SETTINGS, Stage, staged


def settings_in(folder: Path) -> Settings:
    return SETTINGS.model_copy(
        update={"clock": ClockMode.SYSTEM, "seed": None, "database_url": f"sqlite:///{folder}/server.db"}
    )


async def until(stage: Stage, session_id: str, word: str) -> None:
    """Poll as a frontend does; the test's own timeout ends the wait."""
    while (await stage.status(session_id))["status"] != word:  # noqa: ASYNC110  # over HTTP there is only polling
        await asyncio.sleep(0)


async def test_a_paid_order_is_delivered_without_anybody_conducting(tmp_path: Path) -> None:
    async with staged(settings_in(tmp_path)) as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await until(stage, session_id, "SUCCESS")
        assert stage.sink.effects.total() == len(stage.sink.calls) == 1


async def test_fifty_duplicates_at_once_through_the_writer_thread_have_one_effect(tmp_path: Path) -> None:
    async with staged(settings_in(tmp_path)) as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        answers = await asyncio.gather(*(stage.ipn(session_id, fields) for _ in range(50)))
        await until(stage, session_id, "SUCCESS")
        assert {answer.status_code for answer in answers} == {200}
        assert (stage.gateway.calls["validateOrder"], len(stage.sink.calls)) == (1, 1)


async def test_many_merchants_calls_at_once_are_all_kept(tmp_path: Path) -> None:
    async with staged(settings_in(tmp_path)) as stage:
        opened = await asyncio.gather(*(stage.opened() for _ in range(20)))
        paid = [(session_id, stage.gateway.pay(tran_id)) for session_id, tran_id in opened]
        await asyncio.gather(*(stage.ipn(session_id, fields) for session_id, fields in paid))
        for session_id, _ in opened:
            await until(stage, session_id, "SUCCESS")
        assert stage.sink.effects.total() == len(stage.sink.calls) == 20


async def test_a_restart_does_at_once_what_its_predecessor_was_at(tmp_path: Path) -> None:
    async with staged(settings_in(tmp_path)) as stage:
        stage.sink.script = ["hang"]
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        while not stage.sink.calls:  # noqa: ASYNC110  # the worker's own loop makes the call
            await asyncio.sleep(0)
        gateway, sink = stage.gateway, stage.sink
    async with staged(settings_in(tmp_path), gateway=gateway, sink=sink) as stage:
        await until(stage, session_id, "SUCCESS")
    assert (len({key for key, _ in sink.calls}), len(sink.calls), sink.effects.total()) == (1, 2, 1)
