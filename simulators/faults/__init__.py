"""Every fault that the simulators know, by name: those on notifications, then those on answers."""

from collections.abc import Mapping

from simulators.faults.bad_proof import BadProof
from simulators.faults.burst import Burst
from simulators.faults.content_type import ContentType
from simulators.faults.cut_body import CutBody
from simulators.faults.delay import Delay
from simulators.faults.drop import Drop
from simulators.faults.duplicate import Duplicate
from simulators.faults.early import Early
from simulators.faults.fault import Fault
from simulators.faults.html_page import HtmlPage
from simulators.faults.late import Late
from simulators.faults.malformed_body import MalformedBody
from simulators.faults.never_answer import NeverAnswer
from simulators.faults.other_account import OtherAccount
from simulators.faults.other_order import OtherOrder
from simulators.faults.rate_limit import RateLimit
from simulators.faults.redirect import Redirect
from simulators.faults.reorder import Reorder
from simulators.faults.reset_after_work import ResetAfterWork
from simulators.faults.reset_before_work import ResetBeforeWork
from simulators.faults.slow_drip import SlowDrip
from simulators.faults.stale_replay import StaleReplay
from simulators.faults.stale_stamp import StaleStamp
from simulators.faults.stale_state import StaleState
from simulators.faults.status import Status
from simulators.faults.tamper import Tamper
from simulators.faults.wrong_length import WrongLength
from simulators.faults.wrong_schema import WrongSchema

_ALL: tuple[Fault, ...] = (
    Late(),
    Duplicate(),
    Drop(),
    Reorder(),
    Burst(),
    StaleReplay(),
    BadProof(),
    StaleStamp(),
    Tamper(),
    OtherAccount(),
    Early(),
    Status(),
    Delay(),
    NeverAnswer(),
    ResetBeforeWork(),
    ResetAfterWork(),
    CutBody(),
    WrongLength(),
    SlowDrip(),
    MalformedBody(),
    ContentType(),
    WrongSchema(),
    HtmlPage(),
    RateLimit(),
    StaleState(),
    OtherOrder(),
    Redirect(),
)
FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}

__all__ = ["FAULTS"]
