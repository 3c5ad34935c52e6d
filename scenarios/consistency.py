"""What a schema cannot say of a scenario: that names lead somewhere, that a server can be killed, that limits meet.

Works on the tree, so that these mistakes are told in one go with those against the schema.
"""

from scenarios.mistakes import nearest
from scenarios.schema import value_at
from scenarios.tree import Pointer, Tree, TreeValue

DEFAULT_NAME = "order"

_CLAIMS = {
    "status", "state", "fulfilment", "provisioned", "provision_calls", "validations", "notifications", "answer",
    "refunded", "refunds",
}  # fmt: skip


def find_contradictions(tree: Tree) -> None:
    """Note every contradiction of a file whose shape may itself be wrong."""
    opened: list[str] = []
    for index, verb in enumerate(_verbs(tree.root)):
        pointer: Pointer = ("steps", index, verb)
        if verb == "open_payment":
            _check_name(tree, (*pointer, "again"), opened)
            _add_name(tree, pointer, opened=opened)
        else:
            _check_name(tree, (*pointer, "order"), opened)
            _check_name(tree, (*pointer, "when", "order"), opened)
            _check_name(tree, (*pointer, "taken_from", "order"), opened)
        if verb == "expect":
            _check_claims(tree, pointer)
    for index in range(len(_list(tree.root, "finally"))):
        _check_name(tree, ("finally", index, "order"), opened)
        _check_claims(tree, ("finally", index))
    _check_server(tree)


def _verbs(root: TreeValue) -> list[str]:
    return [_verb_of(step) for step in _list(root, "steps")]


def _verb_of(step: TreeValue) -> str:
    if isinstance(step, dict) and len(step) == 1:
        return next(iter(step))
    return step if isinstance(step, str) else ""


def _list(root: TreeValue, member: str) -> list[TreeValue]:
    found = value_at(root, (member,))
    return found if isinstance(found, list) else []


def _add_name(tree: Tree, pointer: Pointer, *, opened: list[str]) -> None:
    name = value_at(tree.root, (*pointer, "as"))
    name = DEFAULT_NAME if name is None else str(name)
    if name in opened:
        place = tree.places.get((*pointer, "as")) or tree.place_of(pointer[:2])
        tree.blame(place, f"a payment named `{name}` is open already; give this one another name with `as`")
    opened.append(name)


def _check_name(tree: Tree, pointer: Pointer, opened: list[str]) -> None:
    name = value_at(tree.root, pointer)
    if isinstance(name, str) and name not in opened:
        known = f"Open by then: {', '.join(opened)}." if opened else "None is open by then."
        tree.blame(tree.place_of(pointer), f"no payment is named `{name}`{nearest(name, opened) or '.'} {known}")


def _check_claims(tree: Tree, pointer: Pointer) -> None:
    expectation = value_at(tree.root, pointer)
    if isinstance(expectation, dict) and expectation and _CLAIMS.isdisjoint(expectation):
        if expectation.keys() <= {"within", "order"}:
            tree.blame(tree.place_of(pointer), f"claims nothing. Possible: {', '.join(sorted(_CLAIMS))}.")
        return
    for claim in ("provisioned", "provision_calls", "validations"):
        _check_count(tree, (*pointer, claim))
    for claim in ("sent", "answered", "refused"):
        _check_count(tree, (*pointer, "notifications", claim))
    for claim in ("pending", "processed", "failed", "needs_review"):
        _check_count(tree, (*pointer, "refunds", claim))


def _check_count(tree: Tree, pointer: Pointer) -> None:
    least, most = (value_at(tree.root, (*pointer, end)) for end in ("at_least", "at_most"))
    if isinstance(least, int) and isinstance(most, int) and least > most:
        tree.blame(tree.place_of(pointer), f"at least {least} and at most {most} cannot both hold")


def _check_server(tree: Tree) -> None:
    running = True
    apart = value_at(tree.root, ("server",)) == "own process"
    for index, verb in enumerate(_verbs(tree.root)):
        if verb not in {"kill_server", "start_server"}:
            continue
        place = tree.place_of(("steps", index))
        if not apart:
            tree.blame(place, f"`{verb}` needs a server that can be killed: say `server: own process`")
        elif running == (verb == "start_server"):
            tree.blame(place, "the server runs already" if running else "the server is killed already")
        running = verb == "start_server"
