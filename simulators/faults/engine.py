"""The one point at which faults strike: the rules of one account, asked before a plan is made and around an answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.binding import Answer, NoAnswer
from simulators.chance import Chance
from simulators.clock import Clock
from simulators.errors import NoSuchThing, NotPossible
from simulators.faults.fault import Fault, Place, Struck
from simulators.faults.plan import COPIES_MAX, Plan
from simulators.faults.reply import Reply
from simulators.faults.rules import Occasion, Rule, Stage, When, read_faults, refuse_the_impossible
from simulators.faults.stacking import Stack
from simulators.faults.values import Values

RULES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Ask:
    """A rule as it was asked for; `told` is the same in the asker's words."""

    when: When
    faults: Sequence[Mapping[str, Mapping[str, object]]]
    told: Mapping[str, object]


class FaultEngine:
    """The fault rules of one account."""

    def __init__(self, account: str, *, clock: Clock, chance: Chance, stages: Sequence[Stage]) -> None:
        self._account = account
        self._clock = clock
        self._chance = chance
        self._stages = {stage.gateway: stage for stage in stages}
        self._rules: dict[str, Rule] = {}
        self._armed = 0

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule in force, in order of arming."""
        return tuple(self._rules.values())

    def arm(self, ask: Ask) -> Rule:
        """Arm a rule. Raises `RuleRefused` for one that says nothing we know or can never strike."""
        faults = read_faults(ask.faults)
        refuse_the_impossible(ask.when, faults, stages=tuple(self._stages.values()), now=self._clock.now())
        if len(self._rules) >= RULES_MAX:
            raise NotPossible(f"an account holds at most {RULES_MAX} fault rules; remove some")
        self._armed += 1
        rule = Rule(f"rule-{self._armed}", ask.when, faults, ask.told)
        self._rules[rule.id] = rule
        return rule

    def remove(self, rule_id: str) -> None:
        """Disarm a rule. Raises `NoSuchThing`."""
        if self._rules.pop(rule_id, None) is None:
            raise NoSuchThing(f"no rule is called {rule_id!r}; in force are {', '.join(self._rules) or 'none'}")

    def clear(self) -> None:
        """Disarm every rule."""
        self._rules.clear()

    def spoil(self, plan: Plan, occasion: Occasion, *, place: Place) -> Plan:
        """Return what the rules make of a plan."""
        for fault, values in self._striking(occasion):
            plan = _spoil_within_bounds(plan, fault, values=values, place=place)
        return plan

    async def around(
        self, occasion: Occasion, struck: Struck, *, work: Callable[[], Awaitable[Answer | NoAnswer]]
    ) -> Answer | NoAnswer:
        """Do the work with the faults that strike it, in their order, before it and after it."""
        striking = self._striking(occasion)
        reply = await _strike_before(striking, struck)
        if reply is None:
            answer = await work()
            reply = answer if isinstance(answer, NoAnswer) else Reply(answer)
        for fault, values in striking:
            if isinstance(reply, NoAnswer):
                break
            reply = await fault.after_work(struck, reply, values=values)
        if isinstance(reply, NoAnswer):
            return reply
        if reply.is_plain:
            return reply.answer
        await struck.bring(reply)
        return NoAnswer()

    def _striking(self, occasion: Occasion) -> Stack:
        stage = self._stages[occasion.gateway]
        striking: list[tuple[Fault, Values]] = []
        for rule in self._rules.values():
            fitting = [
                (fault, values)
                for fault, values in rule.faults
                if fault.target is occasion.target and occasion.name in stage.struck_by(fault)
            ]
            if fitting and rule.meets(occasion, draw=self._draw):
                striking += fitting
        return striking

    def _draw(self, purpose: str) -> float:
        return self._chance.fraction(self._account, purpose)


async def _strike_before(striking: Stack, struck: Struck) -> Reply | NoAnswer | None:
    """Strike before the work; the first reply stands for it."""
    reply: Reply | None = None
    for fault, values in striking:
        instead = await fault.before_work(struck, values)
        if isinstance(instead, NoAnswer):
            return instead
        reply = reply or instead
    return reply


def _spoil_within_bounds(plan: Plan, fault: Fault, *, values: Values, place: Place) -> Plan:
    """Several rules may multiply a plan: the one that would make too much of it is left out, and says so."""
    if len(plan) > 1 and len(plan) * fault.traits(values).copies > COPIES_MAX:
        return [send.with_fault(f"{fault.name} left out: {len(plan)} sends already") for send in plan]
    return fault.spoil(plan, values, place=place)
