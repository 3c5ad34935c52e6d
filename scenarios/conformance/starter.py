"""A commented profile to begin with, written where nothing stands yet."""

from pathlib import Path

STARTER = Path(__file__).parent / "starter.yaml"


def write_starter(path: Path) -> None:
    """Write the starter. Raises `FileExistsError` where something stands, and other `OSError`s as the disk does."""
    with path.open("x", encoding="utf-8") as opened:
        opened.write(STARTER.read_text(encoding="utf-8"))
