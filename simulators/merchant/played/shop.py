"""The shop at work: its tasks in the account's outbox, its calls, and the one place where an order's state changes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from simulators.arrivals import current_arrival
from simulators.errors import SimulatorsError
from simulators.journal import Actor, Change, Exchange, Kind
from simulators.merchant.outgoing import LAST_CALL, SHOP_AGENT, CallLost, Outgoing, Outlet, Response
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.floor import Floor, Memory
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.played.model import Rows, ShopOrder, Task
from simulators.merchant.played.seam import Question, Unknown
from simulators.outbox import Due, DueKind, Owed

_FORM: Final = "application/x-www-form-urlencoded"


class Restarted(SimulatorsError):
    """The shop was started again while this was under way; a process that has ended does nothing more."""


@dataclass(slots=True, eq=False)
class PlayedShop:
    """One account's shop. `jobs` are the steps that tasks name."""

    floor: Floor
    outlet: Outlet
    decisions: Decisions
    jobs: "Mapping[str, Callable[[PlayedShop, Task], Awaitable[None]]]"
    flaws: tuple[str, ...] = ()
    _owed: dict[int, Owed] = field(default_factory=dict[int, Owed])
    _last_task: int = 0

    @property
    def rows(self) -> Rows:
        """The shop's rows."""
        return self.floor.rows

    def move(self, order: ShopOrder, after: OrderState, why: str) -> bool:
        """Take an order to a state if the shop's lifecycle lets it; say whether it moved."""
        before = order.state
        if before is after or not self.decisions.may_move(order, after):
            order.tell(f"stays {before.value}: {why}")
            return False
        self.write(order, after, why)
        return True

    def write(self, order: ShopOrder, after: OrderState, why: str) -> None:
        """Write a state as it is given."""
        before, order.state = order.state, after
        order.tell(f"{before.value} → {after.value}: {why}")
        entry = _entry()
        if entry is not None and before is not after:
            entry.changes.append(Change("payment", order.id, before.value, after.value, why))

    def flag(self, order: ShopOrder, why: str) -> None:
        """Put an order on the list for a person to look at."""
        order.flagged = True
        order.tell(f"a person must look: {why}")

    def owe(self, task: Task) -> None:
        """Owe a job: written into the rows, run when its instant comes."""
        self._last_task += 1
        self.rows.tasks[self._last_task] = task
        self._plan(self._last_task, task)

    def owe_in(self, seconds: float, name: str, *, subject: str, key: str = "", tries: int = 0) -> None:
        """Owe a job so many seconds from now."""
        self.owe(Task(name, subject, self.floor.now() + timedelta(seconds=seconds), key, tries))

    def owe_next(self, gaps: list[float], task: Task) -> bool:
        """Owe a task's next try if its schedule has one more."""
        if task.tries >= len(gaps):
            return False
        self.owe_in(gaps[task.tries], task.name, subject=task.subject, key=task.key, tries=task.tries + 1)
        return True

    def let_off(self, name: str, subject: str) -> None:
        """Owe no longer what is planned under that name about that subject."""
        found = [one for one, task in self.rows.tasks.items() if (task.name, task.subject) == (name, subject)]
        for one in found:
            del self.rows.tasks[one]
            self._let_off(one)

    def restart(self) -> None:
        """Do what the end of a process and a new start do: memory is gone, rows and what they owe stay."""
        self.floor.incarnation += 1
        self.floor.memory = Memory()
        for one in tuple(self._owed):
            self._let_off(one)
        for order in self.rows.orders.values():
            order.delivering = False
        for one, task in tuple(self.rows.tasks.items()):
            self._plan(one, task)

    def clear(self) -> None:
        """Forget everything; flaws and settings stay."""
        self.floor.incarnation += 1
        self.floor.memory, self.floor.rows = Memory(), Rows()
        for one in tuple(self._owed):
            self._let_off(one)

    async def ask(self, question: Question) -> bytes:
        """Call the gateway, as `seam.Line` has it. Raises `Unknown`, `Restarted`."""
        form = urlencoded(question.form) if question.form else b""
        headers = {"User-Agent": SHOP_AGENT} | ({"Content-Type": _FORM} if form else {})
        url = f"{self.floor.address(self.floor.adapter.name)}{question.path}"
        call = Outgoing(
            question.method,
            f"{url}?{question.query}" if question.query else url,
            question.operation,
            Actor.GATEWAY,
            self.floor.settings.limit_seconds,
            subject=question.subject,
            headers=headers,
            body=form,
            is_own=not question.follows_redirects,
            follows_redirects=question.follows_redirects,
        )
        answer = await self.call(call)
        if answer.status != 200:
            raise Unknown(f"the gateway answered {answer.status}")
        return answer.body

    async def provision(self, subject: str, key: str, *, body: bytes) -> Response:
        """Call the delivery system. Raises `Unknown`, `Restarted`."""
        headers = {"User-Agent": SHOP_AGENT, "Content-Type": "application/json", "Idempotency-Key": key}
        call = Outgoing(
            "POST",
            f"{self.floor.own_address}/provision",
            "provision",
            Actor.PROVISIONING,
            self.floor.settings.limit_seconds,
            kind=Kind.PROVISIONING,
            subject=subject,
            headers=headers,
            body=body,
            is_own=True,
        )
        return await self.call(call)

    async def call(self, call: Outgoing) -> Response:
        """Make one call, and come back only to the process that made it. Raises `Unknown`, `Restarted`."""
        incarnation = self.floor.incarnation
        try:
            return await self.outlet.ask(self.floor.account, call)
        except CallLost as lost:
            raise Unknown(str(lost)) from lost
        finally:
            if self.floor.incarnation != incarnation:
                raise Restarted("the shop was started again meanwhile")

    def _plan(self, number: int, task: Task) -> None:
        async def run() -> None:
            self._owed.pop(number, None)
            try:
                await self.jobs[task.name](self, task)
            except Restarted:
                return
            self.rows.tasks.pop(number, None)

        due = Due(max(task.at, self.floor.now()), DueKind.JOB, task.name, task.subject)
        self._owed[number] = self.floor.account.outbox.add(due, run)

    def _let_off(self, number: int) -> None:
        owed = self._owed.pop(number, None)
        if owed is not None:
            self.floor.account.outbox.let_off(owed)


def _entry() -> Exchange | None:
    """Return the journal entry beside which a change is written: the request at hand, or the job's last call."""
    try:
        return current_arrival().exchange
    except LookupError:
        return LAST_CALL.get(None)


def urlencoded(form: Mapping[str, str]) -> bytes:
    """Write a form."""
    return urlencode(dict(form)).encode()
