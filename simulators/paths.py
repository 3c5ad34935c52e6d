"""Where the documents lie that the simulators are built from: beside this room, in the checkout and in the wheel."""

from pathlib import Path
from typing import Final

CONTRACTS: Final = Path(__file__).resolve().parents[1] / "contracts"
