"""How the judging puts numbers in words."""


def counted(number: int, one: str, *, many: str = "") -> str:
    """Write a number with what it counts: "1 delivery", "0 deliveries"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
