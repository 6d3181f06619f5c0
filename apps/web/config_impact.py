"""What a labeling config would break, as a question to the person who saves it, and what they answered.

A page that saves a config calls `save_as_decided` with what `read_decision` found in the form. When it raises
`ConfigBreaksAnswers`, `impact_dialog` asks; the dialog sends the page's form again, to the same address, with the
decision in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django_htmx.http import reswap, retarget, trigger_client_event

from apps.core.counted import counted
from apps.core.errors import ValidationFailed
from apps.core.json import loads
from apps.labeling.config import LabelingConfig
from apps.projects.config_changes import model_of
from apps.projects.config_changing import OnImpact
from apps.projects.config_impact import (
    ConfigBreaksAnswers,
    ControlChanged,
    ControlMissing,
    Effect,
    Impact,
    LabelRemoved,
    VariableMissing,
)
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.projects.renames import Renames
from apps.web.access import SignedInRequest

Key = tuple[str, str, str]
"""What an effect is about: kind, control, name."""

Save = Callable[[str, Renames], Project]
"""Saves with a choice of `OnImpact` and renames."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person chose in the dialog; without one, nothing.

    Args:
        renames: what is to be renamed.
        seen: the effects that were shown; what of them is not renamed stays as it is.
        renamed: the new name of each effect that is to be renamed.
    """

    renames: Renames = field(default_factory=Renames)
    seen: frozenset[Key] = frozenset()
    renamed: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImpactItem:
    """One line of the dialog.

    Args:
        targets: the names it may have got.
        suggested: the name it probably got, or "".
    """

    key: Key
    title: str
    detail: str
    completions: int = 0
    targets: tuple[str, ...] = ()
    suggested: str = ""

    @property
    def token(self) -> str:
        """The key as the form carries it."""
        return orjson.dumps(self.key).decode()


def save_as_decided(save: Save, decision: Decision) -> Project:
    """Save a config; what breaks is kept only where `decision` saw it.

    Raises:
        ConfigBreaksAnswers: something breaks that nobody has seen yet, as after the first click on Save.
    """
    try:
        return save(OnImpact.REFUSE, decision.renames)
    except ConfigBreaksAnswers as error:
        if not {_key(effect) for effect in error.impact.effects} <= decision.seen:
            raise
    return save(OnImpact.KEEP, decision.renames)


def read_decision(post: QueryDict) -> Decision:
    """Return what the dialog's form says.

    Raises:
        ValidationFailed: the form was tampered with.
    """
    earlier = _pairs(post, "decided")
    shown = _pairs(post, "impact")
    renamed = dict(earlier)
    if post.get("decision") == "rename":
        renamed |= {key: name for key, name in shown.items() if name}
    return Decision(_renames(renamed), frozenset(earlier) | frozenset(shown), renamed)


def _pairs(post: QueryDict, prefix: str) -> dict[Key, str]:
    tokens, names = post.getlist(f"{prefix}_item"), post.getlist(f"{prefix}_name")
    if len(tokens) != len(names):
        raise ValidationFailed("The decision is incomplete. Reload the page and save again.")
    return {_read_token(token): name for token, name in zip(tokens, names, strict=True)}


def _read_token(token: str) -> Key:
    try:
        key = loads(token)
    except ValidationFailed:
        key = None
    match key:
        case [str(kind), str(control), str(name)]:
            return kind, control, name
    raise ValidationFailed("The decision cannot be read. Reload the page and save again.")


def _renames(renamed: Mapping[Key, str]) -> Renames:
    labels: dict[str, dict[str, str]] = {}
    for (kind, control, name), new in renamed.items():
        if kind == "label":
            labels.setdefault(control, {})[name] = new
    return Renames(
        controls={control: new for (kind, control, _), new in renamed.items() if kind == "control"},
        labels=labels,
        objects={name: new for (kind, _, name), new in renamed.items() if kind == "object"},
    )


def _key(effect: Effect) -> Key:
    match effect:
        case LabelRemoved(control=control, label=label):
            return "label", control, label
        case ControlMissing(control=control):
            return "control", control, ""
        case ControlChanged(control=control, attribute="type"):
            return "type", control, ""
        case ControlChanged(control=control, before=before):
            return "object", control, before
        case VariableMissing(variable=variable):
            return "variable", "", variable


def impact_items(
    impact: Impact, old: LabelingConfig, new: LabelingConfig, renames: Renames
) -> list[ImpactItem]:
    """Return the lines of the dialog: what breaks, and what each could have become."""
    least = "" if impact.is_complete else "at least "
    items: list[ImpactItem] = []
    objects: set[str] = set()
    for effect in impact.effects:
        # An object that several controls lost gets its new name once, for all of them.
        is_repeated = isinstance(effect, ControlChanged) and effect.before in objects
        targets = () if is_repeated else _targets(effect, old, new, renames)
        if isinstance(effect, ControlChanged) and targets:
            objects.add(effect.before)
        items.append(_item(effect, targets, least))
    return items


def _targets(effect: Effect, old: LabelingConfig, new: LabelingConfig, renames: Renames) -> tuple[str, ...]:
    match effect:
        case LabelRemoved(control=control):
            return tuple(new.controls[renames.control(control)].options)
        case ControlMissing(control=control):
            kind = old.controls[control].type
            added = (tag for tag in new.controls.values() if tag.name not in old.controls)
            return tuple(tag.name for tag in added if tag.type == kind)
        # An object that is still there was not renamed.
        case ControlChanged(attribute="toName", before=name) if (
            name in old.objects and name not in new.objects
        ):
            shown = (tag for tag in new.objects.values() if tag.name not in old.objects)
            return tuple(tag.name for tag in shown if tag.type == old.objects[name].type)
    return ()


def _item(effect: Effect, targets: tuple[str, ...], least: str) -> ImpactItem:
    key = _key(effect)
    if isinstance(effect, VariableMissing):
        detail = f"{least}{counted(effect.tasks, 'task')} do not have it".capitalize()
        return ImpactItem(key, f"The new config shows ${effect.variable}", detail)
    answers = f"{least}{counted(effect.completions, 'completion')}"
    match effect:
        case LabelRemoved(control=control, label=label, suggested=suggested):
            title = f"Label “{label}” of “{control}” is gone"
            times = "" if effect.regions is None else f"{least}{counted(effect.regions, 'time')} "
            detail = f"Used {times}in {answers}"
        case ControlMissing(control=control, suggested=suggested):
            title, detail = f"“{control}” is gone", f"Answered in {answers}"
        case ControlChanged(control=control, attribute="type", before=before, after=after):
            title = f"“{control}” was a {before} and is a {after} now"
            detail, suggested = f"Answered in {answers}, as a {before}", None
        case ControlChanged(control=control, before=before):
            title = f"“{control}” no longer works on “{before}”"
            detail = f"Answered in {answers}"
            suggested = targets[0] if len(targets) == 1 else None
    return ImpactItem(key, title, detail, effect.completions, targets, suggested or "")


def impact_dialog(
    request: SignedInRequest,
    project: Project,
    error: ConfigBreaksAnswers,
    *,
    decision: Decision,
    new_config: str,
    address: str,
    fields: Mapping[str, str] | None = None,
    target: str = "#config-outcome",
    back: str = "",
) -> HttpResponse:
    """Return the dialog that asks what becomes of what the new config breaks.

    For htmx it goes into the page's `#dialog` and opens it (event `dialog:open`); otherwise it is a page of its own.

    Args:
        decision: what was decided before this question.
        address: where the dialog's form is sent.
        fields: what the form must carry besides the decision, such as the config.
        target: the element of the page that takes the answer.
        back: where “Back” leads without scripts; the address, when not given.
    """
    context = _question(project, error.impact, decision, new_config) | {
        "address": address,
        "fields": fields or {},
        "target": target,
        "back": back or address,
        "dialog_base": "web/dialog_part.html" if request.htmx else "web/dialog_page.html",
    }
    response = render(request, "web/dialogs/config_impact.html", context, status=409)
    if request.htmx:
        reswap(retarget(response, "#dialog-content"), "innerHTML")
        trigger_client_event(response, "dialog:open", after="settle")
    return response


def _question(project: Project, impact: Impact, decision: Decision, new_config: str) -> dict[str, Any]:
    """Return what the dialog says, wherever its form is sent."""
    old, new = model_of(project.label_config), model_of(new_config)
    items = impact_items(impact, old, new, decision.renames)
    return {
        "project": project,
        "items": items,
        "decided": [
            (ImpactItem(key, f"“{key[2] or key[1]}”", ""), name) for key, name in decision.renamed.items()
        ],
        "is_complete": impact.is_complete,
        "touches_completions": any(item.completions for item in items) or bool(decision.renamed),
        "may_rename": any(item.targets for item in items),
        "completions": totals_of([project.pk])[project.pk].completions,
    }
