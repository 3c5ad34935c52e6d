"""What each verb of a scenario does: its arguments are a type of `scenarios.model`, its function a file here."""

from collections.abc import Awaitable, Callable

from scenarios.model import (
    Advance,
    AskStatus,
    ClearFaults,
    Decide,
    Expectation,
    ForgeNotification,
    ForgeReturn,
    GatewayDecides,
    InjectFault,
    KillServer,
    OpenPayment,
    Quiesce,
    Refund,
    ShopperVisit,
    StartServer,
    Step,
)
from scenarios.steps.ask_status import ask_status
from scenarios.steps.expect import expect
from scenarios.steps.faults import clear_faults, inject_fault
from scenarios.steps.forge_notification import forge_notification
from scenarios.steps.forge_return import forge_return
from scenarios.steps.money_back import decide, gateway_decides, refund
from scenarios.steps.open_payment import open_payment
from scenarios.steps.server_process import kill_server, start_server
from scenarios.steps.time import advance, quiesce
from scenarios.steps.visit import visit
from scenarios.story import Story

# Arguments' type → what is done with them.
_ACTS: dict[type, Callable[..., Awaitable[None]]] = {
    OpenPayment: open_payment,
    Refund: refund,
    Decide: decide,
    GatewayDecides: gateway_decides,
    ShopperVisit: visit,
    InjectFault: inject_fault,
    ClearFaults: clear_faults,
    Advance: advance,
    Quiesce: quiesce,
    ForgeNotification: forge_notification,
    ForgeReturn: forge_return,
    AskStatus: ask_status,
    KillServer: kill_server,
    StartServer: start_server,
    Expectation: expect,
}


async def take(story: Story, step: Step) -> None:
    """Do one step; what it finds broken is added to the story's findings."""
    await _ACTS[type(step.arguments)](story, step.arguments, line=step.line)


__all__ = ["take"]
