"""Where the documents lie that this side answers: beside the rooms, in a checkout and in the wheel alike."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
OPENAPI = _ROOT / "openapi.yaml"
CONTROL = _ROOT / "contracts" / "control.yaml"
REALTIME = _ROOT / "contracts" / "realtime.yaml"
