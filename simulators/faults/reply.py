"""An answer on its way to the peer: what faults have made of it, and how it is to be brought."""

from dataclasses import dataclass, replace

from contracts.binding import Answer

# RFC 9110 sections 15.3.5 and 15.4.5: these have no content.
BODYLESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Drip:
    """A body that comes `chunk` bytes at a time, so many seconds apart."""

    chunk: int
    every_seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a body ends too early: after so many bytes, or in the middle; one byte at least is missing."""

    after: int | None
    by_reset: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """`is_spoilt`: not what the operation answered, so that no document is held against it.

    `has_other_body`, `has_other_type`: some fault has decided these. `length_off` is added to Content-Length.
    """

    answer: Answer
    is_spoilt: bool = False
    has_other_body: bool = False
    has_other_type: bool = False
    length_off: int = 0
    cut: Cut | None = None
    drip: Drip | None = None

    def saying(self, answer: Answer) -> "Reply":
        """Return the same with an answer whose body some fault has decided."""
        return replace(self, answer=answer, is_spoilt=True, has_other_body=True)

    def with_answer(self, answer: Answer) -> "Reply":
        """Return the same with another answer, whose body a later fault may still replace."""
        return replace(self, answer=answer, is_spoilt=True)

    def in_words(self, worded: Answer) -> "Reply":
        """Return the same with another status and its words, as far as no fault has decided about them."""
        if self.has_other_body:
            return self.with_answer(replace(self.answer, status=worded.status))
        media_type = self.answer.media_type if self.has_other_type else worded.media_type
        return self.with_answer(replace(worded, media_type=media_type))

    @property
    def is_plain(self) -> bool:
        """Whether it is just what the operation answered, and comes as answers do."""
        return not (self.is_spoilt or self.length_off or self.cut or self.drip)

    @property
    def breaks_off(self) -> bool:
        """Whether the connection must end behind it: what follows could not be told from the rest of the body."""
        return self.cut is not None or self.length_off != 0

    @property
    def declared_length(self) -> int:
        """What Content-Length says."""
        return max(0, len(self.answer.body) + self.length_off)

    @property
    def sent_body(self) -> bytes:
        """The bytes of the body that leave."""
        body = self.answer.body
        if self.cut is None:
            return body
        return body[: min(self.cut.after if self.cut.after is not None else len(body) // 2, max(0, len(body) - 1))]
