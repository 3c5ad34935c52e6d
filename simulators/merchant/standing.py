"""Where a purchase stands, as its page shows it and as the page's script asks for it anew."""

from dataclasses import dataclass

from simulators.merchant.words import Words


@dataclass(frozen=True, slots=True)
class Standing:
    """Words for the state, facts as label and text, and what can be done now: an act's name and its words."""

    words: Words
    facts: tuple[tuple[str, str], ...] = ()
    acts: tuple[tuple[str, str], ...] = ()

    @property
    def told(self) -> dict[str, object]:
        """The same, for the script."""
        return {
            "key": self.words.key,
            "mark": self.words.mark,
            "role": self.words.role,
            "title": self.words.title,
            "about": self.words.about,
            "final": self.words.is_final,
            "facts": self.facts,
            "acts": self.acts,
        }
