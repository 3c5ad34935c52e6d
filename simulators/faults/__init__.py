"""Every fault that the simulators know, by name."""

from collections.abc import Mapping

from simulators.faults.delay import Delay
from simulators.faults.drop import Drop
from simulators.faults.duplicate import Duplicate
from simulators.faults.fault import Fault
from simulators.faults.late import Late
from simulators.faults.never_answer import NeverAnswer
from simulators.faults.reset_after_work import ResetAfterWork
from simulators.faults.reset_before_work import ResetBeforeWork

_ALL: tuple[Fault, ...] = (
    Late(),
    Duplicate(),
    Drop(),
    Delay(),
    NeverAnswer(),
    ResetBeforeWork(),
    ResetAfterWork(),
)
FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}

__all__ = ["FAULTS"]
