"""Which names of a labeling config became which: what existing completions are rewritten by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.core.errors import ValidationFailed
from apps.labeling.config import LabelingConfig


@dataclass(frozen=True, slots=True)
class Renames:
    """Old names and their new ones; the keys of all three are names of the config before the change.

    Args:
        controls: control tags: `{"sentiment": "mood"}`.
        labels: labels and choices, by the old name of their control: `{"sentiment": {"Good": "Positive"}}`.
        objects: object tags: `{"text": "review"}`.
    """

    controls: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.controls or self.labels or self.objects)

    def control(self, name: str) -> str:
        """Return the new name of a control."""
        return self.controls.get(name, name)

    def label(self, control: str, name: str) -> str:
        """Return the new name of a label; `control` is the control's old name."""
        return self.labels.get(control, {}).get(name, name)

    def object(self, name: str) -> str:
        """Return the new name of an object."""
        return self.objects.get(name, name)

    def inverse(self) -> Renames:
        """Return what takes these renames back; of two names that became one, only one comes back."""
        return Renames(
            controls=_inverse(self.controls),
            labels={self.control(control): _inverse(labels) for control, labels in self.labels.items()},
            objects=_inverse(self.objects),
        )

    def followed_by(self, later: Renames) -> Renames:
        """Return the one step that does what these renames and then `later` do."""
        controls = {old: later.control(new) for old, new in self.controls.items()}
        controls |= {old: new for old, new in later.controls.items() if old not in self.controls}
        objects = {old: later.object(new) for old, new in self.objects.items()}
        objects |= {old: new for old, new in later.objects.items() if old not in self.objects}
        before = {*self.labels, *self._called_before(later.labels)}
        labels = {control: self._labels_followed_by(control, later) for control in before}
        return Renames(
            controls=_changed(controls),
            labels={control: names for control, names in labels.items() if names},
            objects=_changed(objects),
        )

    def _called_before(self, controls: Iterable[str]) -> set[str]:
        wanted = set(controls)
        renamed = {old for old, new in self.controls.items() if new in wanted}
        return renamed | {name for name in wanted if name not in self.controls}

    def _labels_followed_by(self, control: str, later: Renames) -> dict[str, str]:
        mine, between = self.labels.get(control, {}), self.control(control)
        names = {old: later.label(between, new) for old, new in mine.items()}
        names |= {old: new for old, new in later.labels.get(between, {}).items() if old not in mine}
        return _changed(names)

    def document(self) -> dict[str, Any]:
        """Return these renames as they are stored and sent."""
        return {
            "controls": dict(self.controls),
            "labels": {control: dict(labels) for control, labels in self.labels.items()},
            "objects": dict(self.objects),
        }


def _changed(names: Mapping[str, str]) -> dict[str, str]:
    return {old: new for old, new in names.items() if old != new}


def _inverse(names: Mapping[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


def read_renames(document: Any) -> Renames:
    """Return the renames in `{"controls": {old: new}, "labels": {control: {old: new}}, "objects": {old: new}}`.

    Names that stay as they are do not count.

    Raises:
        ValidationFailed: it has another shape; the message says where.
    """
    if document is None:
        return Renames()
    if not isinstance(document, dict):
        raise _wrong("renames must be an object")
    if unknown := document.keys() - {"controls", "labels", "objects"}:
        raise _wrong(f"renames has no part named {', '.join(sorted(map(str, unknown)))}")
    labels = document.get("labels") or {}
    if not isinstance(labels, dict):
        raise _wrong("renames.labels must be an object of objects")
    read = {control: _names(names, f"renames.labels.{control}") for control, names in labels.items()}
    return Renames(
        controls=_names(document.get("controls"), "renames.controls"),
        labels={control: names for control, names in read.items() if names},
        objects=_names(document.get("objects"), "renames.objects"),
    )


def _names(document: Any, path: str) -> dict[str, str]:
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(new, str) and new for new in document.values()):
        raise _wrong(f"{path} must be an object of old names with their new ones")
    return _changed(document)


def _wrong(message: str) -> ValidationFailed:
    return ValidationFailed(f"{message}.", fields={"renames": [f"{message}."]})


def check_renames(renames: Renames, old: LabelingConfig, new: LabelingConfig) -> None:
    """Let renames pass whose new names the new config has, each for the same kind of tag.

    Raises:
        ValidationFailed: naming every rename that leads nowhere.
    """
    if problems := [*_control_problems(renames, old, new), *_other_problems(renames, new)]:
        raise ValidationFailed(f"The renames: {problems[0]}", fields={"renames": problems})


def _control_problems(renames: Renames, old: LabelingConfig, new: LabelingConfig) -> Iterable[str]:
    for before, after in renames.controls.items():
        control, known = new.controls.get(after), old.controls.get(before)
        if control is None:
            yield f'"{before}" cannot become "{after}": the new config has no control of that name.'
        elif known is not None and known.type != control.type:
            yield (
                f'"{before}" cannot become "{after}": <{known.type}> and <{control.type}>'
                " store different answers."
            )


def _other_problems(renames: Renames, new: LabelingConfig) -> Iterable[str]:
    for control, labels in renames.labels.items():
        target = new.controls.get(renames.control(control))
        if target is None:
            yield f'the new config has no control "{renames.control(control)}", whose labels are to be renamed.'
            continue
        for before, after in labels.items():
            if after not in target.options:
                yield f'the label "{before}" cannot become "{after}": "{target.name}" has no such label.'
    for before, after in renames.objects.items():
        if after not in new.objects:
            yield f'"{before}" cannot become "{after}": the new config shows no object of that name.'
