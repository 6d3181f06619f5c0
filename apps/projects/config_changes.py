"""What of a labeling config another one no longer has: the questions that the impact on stored rows answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from apps.labeling.config import ConfigError, ControlTag, LabelingConfig, parse
from apps.projects.renames import Renames

OWN_TARGET = frozenset({"Pairwise"})
"""Controls whose results name the control itself as `to_name`."""


@dataclass(frozen=True, slots=True)
class ConfigChanges:
    """What the new config no longer takes; every name is one of the old config, as stored results have it.

    Args:
        old: the config before.
        missing_controls: controls that are gone, each with the new control it probably became.
        changed_types: controls that ask something else now, each with its tag before and after.
        removed_objects: by control, the objects it no longer works on.
        removed_labels: by control, the labels it lost, each with the new label it probably became.
        new_variables: keys that tasks need now and did not need before.
    """

    old: LabelingConfig
    missing_controls: Mapping[str, str | None]
    changed_types: Mapping[str, tuple[str, str]]
    removed_objects: Mapping[str, tuple[str, ...]]
    removed_labels: Mapping[str, Mapping[str, str | None]]
    new_variables: tuple[str, ...]


def model_of(xml: str) -> LabelingConfig:
    """Return the model of a stored config; one that is no XML asks nothing."""
    try:
        return parse(xml)
    except ConfigError:
        return LabelingConfig({}, {})


def config_changes(
    old: LabelingConfig, new: LabelingConfig, renames: Renames, hint: Renames | None = None
) -> ConfigChanges:
    """Return what `new` no longer takes of what `old` took, once `renames` are applied to what is stored.

    Args:
        hint: renames that probably were meant; where it says nothing, successors are guessed from the names.
    """
    hint = hint or Renames()
    missing: dict[str, str | None] = {}
    types: dict[str, tuple[str, str]] = {}
    objects: dict[str, tuple[str, ...]] = {}
    labels: dict[str, Mapping[str, str | None]] = {}
    for name, before in old.controls.items():
        after = new.controls.get(renames.control(name))
        if after is None:
            missing[name] = _successor_of_control(before, old, new, hint)
        elif after.type != before.type:
            types[name] = (before.type, after.type)
        else:
            if lost := _lost_objects(before, after, renames):
                objects[name] = lost
            if removed := _lost_labels(before, after, renames, hint):
                labels[name] = removed
    variables = tuple(variable for variable in new.variables if variable not in old.variables)
    return ConfigChanges(old, missing, types, objects, labels, variables)


def _lost_objects(before: ControlTag, after: ControlTag, renames: Renames) -> tuple[str, ...]:
    if before.type in OWN_TARGET:
        return ()
    return tuple(name for name in before.to_names if renames.object(name) not in after.to_names)


def _lost_labels(
    before: ControlTag, after: ControlTag, renames: Renames, hint: Renames
) -> dict[str, str | None]:
    lost = [label for label in before.options if renames.label(before.name, label) not in after.options]
    added = [label for label in after.options if label not in before.options]
    hinted = {label: hint.label(before.name, label) for label in lost}
    known = {label: name for label, name in hinted.items() if name in after.options}
    return {label: known.get(label, guess) for label, guess in _successors(lost, added)}


def _successor_of_control(
    before: ControlTag, old: LabelingConfig, new: LabelingConfig, hint: Renames
) -> str | None:
    """Return the new control of the same kind that was meant, or asks most nearly the same."""
    hinted = new.controls.get(hint.control(before.name))
    if hinted is not None and hinted.type == before.type:
        return hinted.name
    added = [tag for tag in new.controls.values() if tag.name not in old.controls and tag.type == before.type]
    same = [tag.name for tag in added if tag.options.keys() == before.options.keys()]
    names = same if len(same) == 1 else [tag.name for tag in added]
    return next((after for _, after in _successors([before.name], names)), None)


def _successors(lost: Sequence[str], added: Collection[str]) -> Iterator[tuple[str, str | None]]:
    """Yield each lost name with the added one it probably became: the only one, or one that looks like it."""
    if len(lost) == len(added) == 1:
        yield lost[0], next(iter(added))
        return
    free = list(added)
    for name in lost:
        by_fold = {candidate.casefold(): candidate for candidate in free}
        near = get_close_matches(name.casefold(), by_fold, n=1)
        found = by_fold[near[0]] if near else None
        if found is not None:
            free.remove(found)
        yield name, found


def essentials(config: LabelingConfig) -> dict[str, Any]:
    """Return what tasks and results depend on; two configs that agree in it differ only in how they look."""
    return {
        "variables": {name: tag.type for name, tag in config.variables.items()},
        "controls": {
            name: (control.type, frozenset(control.to_names), frozenset(control.options))
            for name, control in config.controls.items()
        },
    }
