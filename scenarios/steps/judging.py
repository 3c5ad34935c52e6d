"""Whether an answer to a call of the harness is the one that the story expects."""

from scenarios.calls import WireAnswer
from scenarios.story import Story

_SUCCESS = range(200, 300)


def judge(story: Story, verb: str, answer: WireAnswer | None, *, expected: int | None, line: int) -> None:
    """Add a finding unless it is; without an expected status any success will do."""
    status = answer.status if answer else 0
    if status == expected or (expected is None and status in _SUCCESS):
        return
    seen = f"{status} {answer.body.decode(errors='replace')[:300]}" if answer else "no answer"
    words = "success" if expected is None else str(expected)
    story.findings.append(story.finding(f"the server's answer to {verb}", expected=words, seen=seen, line=line))
