"""The fields of what somebody makes up: those that a shopper has seen of another payment, and the forger's own."""

from collections.abc import Mapping

from scenarios.model import TakenFields
from scenarios.story import Story, StoryError


def forged_fields(story: Story, own: Mapping[str, str], *, taken_from: TakenFields | None) -> dict[str, str]:
    """Join both. Raises `StoryError` when no form has shown the shopper what is to be taken."""
    if taken_from is None:
        return dict(own)
    shown = story.shown.get(story.order(taken_from.order).name, {})
    unseen = [name for name in taken_from.fields if name not in shown]
    if unseen:
        known = ", ".join(shown) or "nothing"
        raise StoryError(f"no way back from {taken_from.order} has shown {', '.join(unseen)}; shown were {known}")
    return {name: shown[name] for name in taken_from.fields} | dict(own)
