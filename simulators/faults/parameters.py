"""Reads a fault's settings: known names, right kinds, within bounds; what is wrong is told with what is possible."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from simulators.faults.fault import Fault, Setting, Values

# A JSON pointer into the rule, and what is wrong there.
Mistake = tuple[str, str]


def read_values(fault: Fault, given: Mapping[str, object], *, pointer: str) -> tuple[Values, list[Mistake]]:
    """Return the fault's values with defaults filled in, and the mistakes found."""
    values: dict[str, float | bool] = {}
    mistakes = list(_unknown(fault, given, pointer))
    for setting in fault.settings:
        wanted = given.get(setting.name, setting.default)
        value = _read(setting, wanted)
        if value is None:
            mistakes.append((f"{pointer}/{setting.name}", f"must be {_possible(setting)}"))
        else:
            values[setting.name] = value
    excluded = None if mistakes else fault.contradiction(values)
    if excluded:
        mistakes.append((pointer, excluded))
    return values, mistakes


def _unknown(fault: Fault, given: Mapping[str, object], pointer: str) -> Iterator[Mistake]:
    known = {setting.name for setting in fault.settings}
    possible = "; ".join(f"{setting.name}, {_possible(setting)}" for setting in fault.settings)
    takes = f"it takes {possible}" if possible else "it takes no settings"
    for name in given:
        if name not in known:
            yield f"{pointer}/{name}", f"{fault.name} has no setting {name!r}; {takes}"


def _read(setting: Setting, wanted: object) -> float | bool | None:
    """Return the value, or None for one that is none of this setting's."""
    if setting.kind is bool:
        return wanted if isinstance(wanted, bool) else None
    if isinstance(wanted, bool) or not isinstance(wanted, int | float | Decimal):
        return None
    if not setting.least <= wanted <= setting.most or (setting.kind is int and wanted != int(wanted)):
        return None
    return int(wanted) if setting.kind is int or wanted == int(wanted) else float(wanted)


def _possible(setting: Setting) -> str:
    if setting.kind is bool:
        return "true or false"
    kind = "a whole number" if setting.kind is int else "a number"
    return f"{kind} from {setting.least:g} to {setting.most:g}"
