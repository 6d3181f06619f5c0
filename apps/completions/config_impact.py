"""How many completions a new labeling config would break.

Each question is asked of a whole result with jsonb's containment, which Postgres answers for a million completions in
about a second and with several workers; only in those that match, the regions are counted (docs/adr/0008).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from apps.core.bounded_queries import rows_within
from apps.labeling.tags import find_tag
from apps.projects.config_changes import ConfigChanges
from apps.projects.config_impact import ControlChanged, ControlMissing, Counted, Effect, LabelRemoved

TIME_LIMIT = timedelta(seconds=5)
REGIONS_TIME_LIMIT = timedelta(seconds=3)
SUBSET = 20_000
"""How many completions are looked at when there is no time for all."""

MAX_QUESTIONS = 300
"""How many things are counted at once; what a change breaks beyond that is named without a number."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which result items are looked for.

    Args:
        pattern: what an item of the result contains.
        path: finds such items in a result, with `variables`.
    """

    pattern: dict[str, Any]
    path: str
    variables: dict[str, str]


Asked = tuple[Question, Callable[[int, int | None], Effect]]
"""A question, and what follows from the completions and regions that it finds."""


def count_broken_completions(project_id: int, changes: ConfigChanges) -> Counted:
    """Count the completions that answer what the config no longer asks, in at most two statements."""
    asked = [*_controls(changes), *_objects(changes), *_labels(changes)]
    if not asked:
        return Counted()
    questions = [question for question, _ in asked[:MAX_QUESTIONS]]
    completions, is_complete = _count_completions(project_id, questions)
    regions = _count_regions(project_id, questions, completions) if is_complete else [None] * len(questions)
    unasked = len(asked) - len(questions)
    effects = [
        effect(count, parts)
        for (_, effect), count, parts in zip(
            asked, completions + [0] * unasked, regions + [None] * unasked, strict=True
        )
        if count or unasked or not is_complete
    ]
    return Counted(tuple(effects), is_complete and not unasked)


_SCANNED = "SELECT result FROM completions_completion WHERE project_id = %(project)s {limit}"
_COMPLETIONS = "count(*) FILTER (WHERE result @> %(pattern_{n})s::jsonb)"
_REGIONS = """
coalesce(sum(jsonb_array_length(jsonb_path_query_array(result, %(path_{n})s::jsonpath, %(variables_{n})s::jsonb)))
         FILTER (WHERE result @> %(pattern_{n})s::jsonb), 0)
"""


def _count_completions(project_id: int, questions: list[Question]) -> tuple[list[int], bool]:
    """Return how many completions answer each question, and whether all completions were looked at."""
    for limit in ("", f"LIMIT {SUBSET}"):
        counts = _numbers(project_id, questions, _COMPLETIONS, limit, TIME_LIMIT)
        if counts is not None:
            return counts, not limit
    return [0] * len(questions), False


def _count_regions(project_id: int, questions: list[Question], completions: list[int]) -> list[int | None]:
    """Return how many regions answer each question; None for all when there is no time to count them."""
    used = [question for question, count in zip(questions, completions, strict=True) if count]
    counts = _numbers(project_id, used, _REGIONS, "", REGIONS_TIME_LIMIT) if used else []
    if counts is None:
        return [None] * len(questions)
    found = iter(counts)
    return [next(found) if count else 0 for count in completions]


def _numbers(
    project_id: int, questions: list[Question], expression: str, limit: str, time: timedelta
) -> list[int] | None:
    parameters: dict[str, Any] = {"project": project_id}
    for number, question in enumerate(questions):
        parameters[f"pattern_{number}"] = json.dumps([question.pattern])
        parameters[f"path_{number}"] = question.path
        parameters[f"variables_{number}"] = json.dumps(question.variables)
    columns = ", ".join(expression.format(n=number) for number in range(len(questions)))
    statement = f"SELECT {columns} FROM ({_SCANNED.format(limit=limit)}) AS scanned"  # noqa: S608 - own text
    rows = rows_within(time, statement, parameters)
    return None if rows is None else [int(number) for number in rows[0]]


def _controls(changes: ConfigChanges) -> Iterator[Asked]:
    for control, suggested in changes.missing_controls.items():
        yield _of_control(control), partial(_control_missing, control, suggested)
    for control, (before, after) in changes.changed_types.items():
        yield _of_control(control), partial(_control_changed, control, "type", before, after)


def _objects(changes: ConfigChanges) -> Iterator[Asked]:
    for control, objects in changes.removed_objects.items():
        for name in objects:
            question = Question(
                {"from_name": control, "to_name": name},
                "$[*] ? (@.from_name == $control && @.to_name == $object)",
                {"control": control, "object": name},
            )
            yield question, partial(_control_changed, control, "toName", name, "")


def _labels(changes: ConfigChanges) -> Iterator[Asked]:
    for control, labels in changes.removed_labels.items():
        kind = changes.old.controls[control].type
        known = find_tag(kind)
        key = known.value if known and known.value else kind.lower()
        for label, suggested in labels.items():
            # In a taxonomy a label stands in a path of labels; lax paths go through both kinds of list.
            used = [[label]] if key == "taxonomy" else [label]
            question = Question(
                {"from_name": control, "value": {key: used}},
                f'$[*] ? (@.from_name == $control && @.value."{key}"[*][*] == $label)',
                {"control": control, "label": label},
            )
            yield question, partial(_label_removed, control, label, suggested)


def _of_control(control: str) -> Question:
    return Question({"from_name": control}, "$[*] ? (@.from_name == $control)", {"control": control})


def _control_missing(control: str, suggested: str | None, completions: int, regions: int | None) -> Effect:
    return ControlMissing(control, completions, regions, suggested)


def _control_changed(
    control: str, attribute: str, before: str, after: str, completions: int, _regions: int | None
) -> Effect:
    return ControlChanged(control, attribute, before, after, completions)


def _label_removed(
    control: str, label: str, suggested: str | None, completions: int, regions: int | None
) -> Effect:
    return LabelRemoved(control, label, completions, regions, suggested)
