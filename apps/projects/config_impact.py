"""What a new labeling config would break in a project: asked before it is saved, answered by the rooms above.

This room knows the shape of the answer; `apps.tasks` and `apps.completions` register who counts their rows
(`register_counter` in their `apps.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from apps.core.counted import counted
from apps.core.errors import ValidationFailed
from apps.projects.config_changes import ConfigChanges, config_changes, essentials, model_of
from apps.projects.models import Project
from apps.projects.renames import Renames, check_renames


@dataclass(frozen=True, slots=True)
class LabelRemoved:
    """A label that completions use is gone.

    Args:
        regions: how many regions or answers use it; None when there was no time to count them.
        suggested: the new label it probably became.
    """

    kind: ClassVar[str] = "label_removed"
    control: str
    label: str
    completions: int
    regions: int | None
    suggested: str | None = None

    def __str__(self) -> str:
        regions = "" if self.regions is None else f" ({counted(self.regions, 'region')})"
        return (
            f'The label "{self.label}" of "{self.control}" is gone; it is used in'
            f" {counted(self.completions, 'completion')}{regions}."
        )


@dataclass(frozen=True, slots=True)
class ControlMissing:
    """A control that completions answer is gone.

    Args:
        regions: how many regions or answers it gave; None when there was no time to count them.
        suggested: the new control it probably became.
    """

    kind: ClassVar[str] = "control_missing"
    control: str
    completions: int
    regions: int | None
    suggested: str | None = None

    def __str__(self) -> str:
        return f'The control "{self.control}" is gone; {counted(self.completions, "completion")} answer it.'


@dataclass(frozen=True, slots=True)
class ControlChanged:
    """A control that completions answer asks something else, or about something else.

    Args:
        attribute: `type` or `toName`.
        before: the old tag, or the object it no longer works on.
        after: the new tag; empty for `toName`.
    """

    kind: ClassVar[str] = "control_changed"
    control: str
    attribute: str
    before: str
    after: str
    completions: int

    def __str__(self) -> str:
        answers = counted(self.completions, "completion")
        if self.attribute == "type":
            return f'"{self.control}" changes from <{self.before}> to <{self.after}>; {answers} answer it.'
        return f'"{self.control}" no longer works on "{self.before}", as {answers} have it.'


@dataclass(frozen=True, slots=True)
class VariableMissing:
    """A key that the new config shows is missing in tasks."""

    kind: ClassVar[str] = "variable_missing"
    variable: str
    tasks: int

    def __str__(self) -> str:
        return f"The new config shows ${self.variable}, which {counted(self.tasks, 'task')} do not have."


Effect = LabelRemoved | ControlMissing | ControlChanged | VariableMissing


@dataclass(frozen=True, slots=True)
class Counted:
    """What one counter found.

    Args:
        is_complete: False when time ran out and the numbers are at least so high.
    """

    effects: tuple[Effect, ...] = ()
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Impact:
    """What saving a labeling config would break.

    Args:
        config_version: the version of the project's config with which the new one was compared.
        effects: what breaks; nothing of it is in the way when the list is empty.
        is_complete: False when the project is too large to count in time: the numbers are at least so high.
        changes_essentials: whether the configs differ in more than their looks.
    """

    config_version: int
    effects: tuple[Effect, ...] = ()
    is_complete: bool = True
    changes_essentials: bool = False

    @property
    def breaks(self) -> bool:
        """Whether somebody must decide before the config is saved."""
        return bool(self.effects)

    @property
    def sentences(self) -> list[str]:
        """The effects for people, one sentence each."""
        sentences = [str(effect) for effect in self.effects]
        if self.effects and not self.is_complete:
            sentences.append(
                "The project is too large to count everything now: the numbers are at least so high."
            )
        return sentences

    @property
    def suggested_renames(self) -> Renames:
        """The renames that would probably keep everything readable."""
        controls: dict[str, str] = {}
        labels: dict[str, dict[str, str]] = {}
        for effect in self.effects:
            if isinstance(effect, ControlMissing) and effect.suggested:
                controls[effect.control] = effect.suggested
            elif isinstance(effect, LabelRemoved) and effect.suggested:
                labels.setdefault(effect.control, {})[effect.label] = effect.suggested
        return Renames(controls=controls, labels=labels)

    def document(self) -> dict[str, Any]:
        """Return the impact as the API sends it."""
        return {
            "config_version": self.config_version,
            "breaks": self.breaks,
            "is_complete": self.is_complete,
            "effects": [
                {"kind": effect.kind, **asdict(effect), "message": str(effect)} for effect in self.effects
            ],
            "suggested_renames": self.suggested_renames.document(),
        }


class ConfigBreaksAnswers(ValidationFailed):
    """The config would break existing rows and nobody decided what becomes of them; `impact` says what breaks."""

    def __init__(self, impact: Impact) -> None:
        message = (
            "Created annotations are incompatible with this labeling config:"
            f" {' '.join(impact.sentences)} Rename what was renamed, or keep the answers as they are."
        )
        super().__init__(message, fields={"label_config": [message]}, details={"impact": impact.document()})
        self.impact = impact


Counter = Callable[[int, ConfigChanges], Counted]
"""Counts, in the project of that id, the rows that the changes break."""

_counters: dict[str, Counter] = {}


def register_counter(name: str, counter: Counter) -> None:
    """Have `counter` asked for every impact; meant for `AppConfig.ready`. The effects come in the order of names."""
    _counters[name] = counter


def impact_of(
    project: Project, new_xml: str, renames: Renames | None = None, *, hint: Renames | None = None
) -> Impact:
    """Return what saving `new_xml` in `project` would break once `renames` are applied to its completions.

    Only what the present config has and the new one lacks is counted, in one or two statements a table; what was
    kept at an earlier change does not come up again. Takes at most a few seconds: `is_complete` tells.

    Args:
        new_xml: a config that `check_label_config` let pass, or an empty text.
        hint: renames that probably were meant, for the suggestions.

    Raises:
        ValidationFailed: the renames lead nowhere.
    """
    old, new = model_of(project.label_config), model_of(new_xml)
    renames = renames or Renames()
    check_renames(renames, old, new)
    changes = config_changes(old, new, renames, hint)
    found = [_counters[name](project.pk, changes) for name in sorted(_counters)]
    return Impact(
        config_version=project.config_version,
        effects=tuple(effect for part in found for effect in part.effects),
        is_complete=all(part.is_complete for part in found),
        changes_essentials=essentials(old) != essentials(new),
    )
