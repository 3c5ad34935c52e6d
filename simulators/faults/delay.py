"""The work is done at once and its answer comes late."""

from dataclasses import dataclass

from contracts.binding import Answer, NoAnswer
from simulators.faults.fault import FaultOnAnswers, Setting, Struck, Values, in_words
from simulators.faults.late import LATEST_SECONDS


@dataclass(frozen=True, slots=True)
class Delay(FaultOnAnswers):
    name = "delay"
    summary = "the work is done at once, its answer leaves `by_seconds` later"
    settings = (Setting("by_seconds", float, least=0.000001, most=LATEST_SECONDS),)

    async def after_work(self, struck: Struck, answer: Answer, *, values: Values) -> Answer | NoAnswer:
        by = values["by_seconds"]
        struck.tell(f"answer delayed {in_words(by)}")
        await struck.sleep(by, purpose="delayed answer")
        return answer
