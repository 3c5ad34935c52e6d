"""A worker as a process of its own, for tests: python -m tests.services.draining URL NAME. Says when it is at work.

Its jobs note in the audit trail that they ran; those that are to `hang` never end. SIGTERM stops it as it stops
`gatewright worker`.
"""

import asyncio
import signal
import sys

from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.audit import record
from reference_server.changes import Change
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.incarnation import Incarnation
from reference_server.jobs.heart import Heart, HeartTerms
from reference_server.jobs.station import Crew, Station
from reference_server.jobs.store import Claim
from reference_server.jobs.wakeup import Wakeup
from reference_server.jobs.worker import Conclusion, Worker

ORDER = "ord"
AT_WORK = "at work"


class Drain:
    """A worker with its heart and its wake-up, on the system clock; `slots` per queue."""

    def __init__(self, url: str, name: str, *, clock: Clock | None = None, slots: int = 16) -> None:
        activity = Activity()
        self.clock = clock or Clock(activity)
        self.database = Database(url, inline=lambda: False)
        self.worker = Worker(self.database, self.clock, activity=activity, name=name, slots=slots)
        self.worker.functions = {"note": self._note, "hang": self._hang}
        wakeup = Wakeup(url, self.clock, wake=self.worker.wake)
        self.database.tell = lambda aftermath: wakeup.tell(aftermath.first_due_at)
        self.heart = Heart(self.worker, self.database, self.clock, terms=HeartTerms(True, (), self._heed))
        self.station = Station(Crew(self.worker, self.heart, wakeup), self.clock, runs_jobs=True)

    async def start(self) -> None:
        self.database.open()
        await self.station.sign_on()
        await self.station.begin()

    async def stop(self) -> None:
        await self.station.drain()
        await self.station.stop()
        self.database.close()

    async def _note(self, claim: Claim) -> Conclusion:
        change = Change("payment", claim.duty.about, "", self.worker.name, "ran", "")

        def ran(session: Session) -> None:
            record(session, change, order_id=ORDER, at=claim.due_at)

        return ran

    async def _hang(self, claim: Claim) -> Conclusion:
        await asyncio.Event().wait()
        raise AssertionError

    async def _heed(self, remembered: Incarnation) -> None:
        """Nobody here keeps anything in mind."""


async def main(url: str, name: str) -> None:
    ending, drain = asyncio.Event(), Drain(url, name)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    await drain.start()
    sys.stdout.write(f"{AT_WORK}\n")
    sys.stdout.flush()
    await ending.wait()
    await drain.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
