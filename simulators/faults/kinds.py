"""Tells which faults there are: their settings with bounds and defaults, and what each can strike."""

from collections.abc import Sequence

from simulators.faults import FAULTS
from simulators.faults.fault import Fault
from simulators.faults.parameters import possible
from simulators.faults.rules import Stage
from simulators.faults.values import Setting, SettingKind


def list_kinds(stages: Sequence[Stage]) -> list[dict[str, object]]:
    """Word every fault as control.yaml's FaultKind does."""
    return [_render(fault, stages) for fault in FAULTS.values()]


def _render(fault: Fault, stages: Sequence[Stage]) -> dict[str, object]:
    return {
        "name": fault.name,
        "target": fault.target.value,
        "summary": fault.summary,
        "settings": [_render_setting(setting) for setting in fault.settings],
        "strikes": {stage.gateway: list(struck) for stage in stages if (struck := stage.struck_by(fault))},
    }


def _render_setting(setting: Setting) -> dict[str, object]:
    told: dict[str, object] = {
        "name": setting.name,
        "kind": setting.kind.value,
        "about": setting.about,
        "possible": possible(setting),
        "required": setting.default is None and not setting.may_be_absent,
    }
    if setting.default is not None:
        told["default"] = setting.default
    match setting.kind:
        case SettingKind.WHOLE | SettingKind.NUMBER:
            return told | {"minimum": setting.least, "maximum": setting.most}
        case SettingKind.CHOICE:
            return told | {"options": list(setting.options)}
        case SettingKind.TEXT:
            return told | {"max_length": int(setting.most)} | ({"pattern": setting.pattern} if setting.pattern else {})
        case _:
            return told
