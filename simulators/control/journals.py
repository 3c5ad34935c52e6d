"""The control plane's operations on the journal."""

from contracts.binding import Answer, Call
from simulators.clock import wait_real
from simulators.control.side import Side
from simulators.journal import render_exchange


class JournalOperations:
    """Operations tagged `journal`."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def read_journal(self, call: Call) -> Answer:
        """Answer the exchanges; with `wait`, hold the answer until there is something newer than `after`."""
        journal = self._side.account_of(call).journal
        after, seconds = int(call.query.get("after", 0)), int(call.query.get("wait", 0))
        news = journal.news
        found = self._find(call, after)
        if not found and seconds:
            await wait_real(news, seconds=seconds)
            found = self._find(call, after)
        limit = int(call.query.get("limit", 1_000))
        return Answer.json(200, {"exchanges": found[:limit], "dropped": journal.dropped})

    async def clear_journal(self, call: Call) -> Answer:
        """Forget the exchanges."""
        self._side.account_of(call).journal.clear()
        return Answer(204)

    def _find(self, call: Call, after: int) -> list[dict[str, object]]:
        journal = self._side.account_of(call).journal
        operation, order = call.query.get("operation"), call.query.get("order")
        return [render_exchange(one) for one in journal.read(after=after, operation=operation, subject=order)]
