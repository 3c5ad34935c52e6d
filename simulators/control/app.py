"""Joins the control plane's document to its operations, and words what they refuse."""

from collections.abc import Awaitable, Callable, Mapping

from contracts.binding import Answer, ASGIApp, Call, Document, NoAnswer, Operation, bind
from simulators.clock import ClockError
from simulators.control.accounts import AccountOperations
from simulators.control.clocks import ClockOperations
from simulators.control.faults import FaultOperations
from simulators.control.guard import guarded
from simulators.control.journals import JournalOperations
from simulators.control.merchant import MerchantOperations
from simulators.control.play import PlayOperations
from simulators.control.side import Side
from simulators.errors import (
    AccountTaken,
    NoSuchAccount,
    NoSuchThing,
    NotPossible,
    RuleRefused,
    SettingsError,
    SimulatorsError,
)
from simulators.paths import CONTRACTS
from simulators.problems import problem, refuse

Operating = Callable[[Call], Awaitable[Answer]]

_STATUSES: Mapping[type[Exception], tuple[int, str]] = {
    AccountTaken: (409, "That is taken"),
    NotPossible: (409, "That is not possible now"),
    ClockError: (409, "The clock cannot do that"),
    NoSuchAccount: (404, "There is no such account"),
    NoSuchThing: (404, "There is no such thing"),
    SettingsError: (422, "That is not understood"),
    RuleRefused: (422, "The rule is refused"),
}


def operations_of(side: Side) -> dict[str, Operating]:
    """Return every operation of this side by its operationId."""
    time, faults, journal = ClockOperations(side), FaultOperations(side), JournalOperations(side)
    accounts, play, merchant = AccountOperations(side), PlayOperations(side), MerchantOperations(side)
    return {
        "readHealth": accounts.read_health,
        "readClock": time.read_clock,
        "setClock": time.set_clock,
        "runNextDue": time.run_next_due,
        "advanceClock": time.advance_clock,
        "listDue": time.list_due,
        "listFaults": faults.list_faults,
        "listFaultKinds": faults.list_fault_kinds,
        "addFault": faults.add_fault,
        "clearFaults": faults.clear_faults,
        "removeFault": faults.remove_fault,
        "readJournal": journal.read_journal,
        "clearJournal": journal.clear_journal,
        "listAccounts": accounts.list_accounts,
        "openAccount": accounts.open_account,
        "closeAccount": accounts.close_account,
        "listOrders": accounts.list_orders,
        "reset": accounts.reset,
        "setSeed": accounts.set_seed,
        "playShopper": play.play_shopper,
        "playGateway": play.play_gateway,
        "triggerNotification": play.trigger_notification,
        "listEffects": play.list_effects,
        "readShop": merchant.read_shop,
        "setShop": merchant.set_shop,
        "restartShop": merchant.restart_shop,
        "listFlaws": merchant.list_flaws,
        "readReceiver": merchant.read_receiver,
        "setReceiver": merchant.set_receiver,
    }


def build_control_app(side: Side) -> ASGIApp:
    """Return the control plane, guarded."""
    document = Document.load(CONTRACTS / "control.yaml").only(_is_ours)
    handlers = {name: _wording(operating) for name, operating in operations_of(side).items()}
    app = bind(document, handlers, refuse=refuse, check_answers=side.settings.check_answers)
    return guarded(app, hosts=side.settings.control_hosts)


def _is_ours(operation: Operation) -> bool:
    sides = operation.extensions.get("x-sides")
    return isinstance(sides, list) and "simulators" in sides


def _wording(operating: Operating) -> Callable[[Call], Awaitable[Answer | NoAnswer]]:
    async def answer(call: Call) -> Answer | NoAnswer:
        try:
            return await operating(call)
        except RuleRefused as refused:
            places = [
                {"place": "body", "pointer": pointer, "rule": "rule", "message": message}
                for pointer, message in refused.mistakes
            ]
            return problem(422, "The rule is refused", violations=places)
        except (SimulatorsError, ClockError) as refused:
            status, title = _STATUSES[type(refused)]
            return problem(status, title, detail=str(refused))

    return answer
