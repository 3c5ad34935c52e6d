"""The one point at which faults strike: the rules of one account, asked before a plan is made and around an answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.binding import Answer, NoAnswer
from simulators.chance import Chance
from simulators.clock import Clock
from simulators.errors import NoSuchThing, NotPossible
from simulators.faults.fault import Fault, Plan, Struck, Values
from simulators.faults.rules import Occasion, Rule, Stage, When, read_faults, refuse_the_impossible

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
        self._stages = stages
        self._rules: dict[str, Rule] = {}
        self._armed = 0

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule in force, in order of arming."""
        return tuple(self._rules.values())

    def arm(self, ask: Ask) -> Rule:
        """Arm a rule. Raises `RuleRefused` for one that says nothing we know or can never strike."""
        faults = read_faults(ask.faults)
        refuse_the_impossible(ask.when, faults, stages=self._stages, now=self._clock.now())
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

    def spoil(self, plan: Plan, occasion: Occasion) -> Plan:
        """Return what the rules make of a plan."""
        for fault, values in self._striking(occasion):
            plan = fault.spoil(plan, values)
        return plan

    async def around(
        self, occasion: Occasion, struck: Struck, *, work: Callable[[], Awaitable[Answer | NoAnswer]]
    ) -> Answer | NoAnswer:
        """Do the work with the faults that strike it, in their order, before it and after it."""
        striking = self._striking(occasion)
        for fault, values in striking:
            ended = await fault.before_work(struck, values)
            if ended is not None:
                return ended
        answer = await work()
        for fault, values in striking:
            if isinstance(answer, NoAnswer):
                break
            answer = await fault.after_work(struck, answer, values=values)
        return answer

    def _striking(self, occasion: Occasion) -> list[tuple[Fault, Values]]:
        return [
            (fault, values)
            for rule in self._rules.values()
            if rule.meets(occasion, draw=self._draw)
            for fault, values in rule.faults
            if fault.target is occasion.target
        ]

    def _draw(self, purpose: str) -> float:
        return self._chance.fraction(self._account, purpose)
