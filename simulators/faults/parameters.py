"""Reads a fault's settings: known names, right kinds, within bounds; what is wrong is told with what is possible."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from simulators.faults.fault import Fault
from simulators.faults.values import Setting, SettingKind, Value, Values

# A JSON pointer into the rule, and what is wrong there.
Mistake = tuple[str, str]


def read_values(fault: Fault, given: Mapping[str, object], *, pointer: str) -> tuple[Values, list[Mistake]]:
    """Return the fault's values with defaults filled in, and the mistakes found."""
    values: dict[str, Value] = {}
    mistakes = list(_unknown(fault, given, pointer))
    for setting in fault.settings:
        if setting.may_be_absent and setting.name not in given:
            continue
        value = _read(setting, given.get(setting.name, setting.default))
        if value is None:
            mistakes.append((f"{pointer}/{setting.name}", f"must be {possible(setting)}"))
        else:
            values[setting.name] = value
    read = Values(values)
    excluded = None if mistakes else fault.contradiction(read)
    if excluded:
        mistakes.append((pointer, excluded))
    return read, mistakes


def possible(setting: Setting) -> str:
    """Say which values a setting takes."""
    match setting.kind:
        case SettingKind.FLAG:
            return "true or false"
        case SettingKind.CHOICE:
            return f"one of {', '.join(map(str, setting.options))}"
        case SettingKind.TEXT:
            return setting.called or f"text of up to {setting.most:g} characters"
        case _:
            kind = "a whole number" if setting.kind is SettingKind.WHOLE else "a number"
            return f"{kind} from {setting.least:g} to {setting.most:g}"


def _unknown(fault: Fault, given: Mapping[str, object], pointer: str) -> Iterator[Mistake]:
    known = {setting.name for setting in fault.settings}
    listed = "; ".join(f"{setting.name}, {possible(setting)}" for setting in fault.settings)
    takes = f"it takes {listed}" if listed else "it takes no settings"
    for name in given:
        if name not in known:
            yield f"{pointer}/{name}", f"{fault.name} has no setting {name!r}; {takes}"


def _read(setting: Setting, wanted: object) -> Value | None:
    """Return the value, or None for one that is none of this setting's."""
    match setting.kind:
        case SettingKind.FLAG:
            return wanted if isinstance(wanted, bool) else None
        case SettingKind.CHOICE:
            is_option = isinstance(wanted, int | str | Decimal | float) and not isinstance(wanted, bool)
            return next((option for option in setting.options if is_option and option == wanted), None)
        case SettingKind.TEXT:
            return wanted if isinstance(wanted, str) and _fits(setting, wanted) else None
        case _:
            return _read_number(setting, wanted)


def _fits(setting: Setting, text: str) -> bool:
    is_legal = not setting.pattern or re.fullmatch(setting.pattern, text) is not None
    return is_legal and setting.least <= len(text) <= setting.most


def _read_number(setting: Setting, wanted: object) -> float | None:
    if isinstance(wanted, bool) or not isinstance(wanted, int | float | Decimal):
        return None
    is_whole = setting.kind is SettingKind.WHOLE
    if not setting.least <= wanted <= setting.most or (is_whole and wanted != int(wanted)):
        return None
    return int(wanted) if is_whole or wanted == int(wanted) else float(wanted)
