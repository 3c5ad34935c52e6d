"""What each verb of a scenario does. A verb's arguments are a type of `scenarios.model`; its function stands in a file of this folder."""

from scenarios.model import (
    Advance,
    AskStatus,
    ClearFaults,
    Expectation,
    ForgeNotification,
    InjectFault,
    KillServer,
    OpenPayment,
    Quiesce,
    ShopperVisit,
    StartServer,
    Step,
)
from scenarios.steps.ask_status import ask_status
from scenarios.steps.expect import expect
from scenarios.steps.faults import clear_faults, inject_fault
from scenarios.steps.forge_notification import forge_notification
from scenarios.steps.open_payment import open_payment
from scenarios.steps.server_process import kill_server, start_server
from scenarios.steps.time import advance, quiesce
from scenarios.steps.visit import visit
from scenarios.story import Story


async def take(story: Story, step: Step) -> None:
    """Do one step; what it finds broken is added to the story's findings."""
    line = step.line
    match step.arguments:
        case OpenPayment() as wanted:
            await open_payment(story, wanted, line=line)
        case ShopperVisit() as wanted:
            await visit(story, wanted, line=line)
        case InjectFault() as wanted:
            await inject_fault(story, wanted, line=line)
        case ClearFaults() as wanted:
            await clear_faults(story, wanted, line=line)
        case Advance() as wanted:
            await advance(story, wanted, line=line)
        case Quiesce() as wanted:
            await quiesce(story, wanted, line=line)
        case ForgeNotification() as wanted:
            await forge_notification(story, wanted, line=line)
        case AskStatus() as wanted:
            await ask_status(story, wanted, line=line)
        case KillServer() as wanted:
            await kill_server(story, wanted, line=line)
        case StartServer() as wanted:
            await start_server(story, wanted, line=line)
        case Expectation() as wanted:
            await expect(story, wanted, line=line)


__all__ = ["take"]
