"""The statement that reads an export: which tasks, which of their completions, and what of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.exports.cursors import since_condition
from apps.exports.documents import task_document
from apps.exports.options import ExportSpec
from apps.exports.splitting import HASH, Part, range_of
from apps.projects.models import Project

_TASKS = "SELECT {document} FROM tasks_task t WHERE {chosen} ORDER BY t.id"
_COUNT = "SELECT count(*) FROM tasks_task t WHERE {chosen}"
_RANGES = """
SELECT max(id), count(*) FROM (
    SELECT t.id, (row_number() OVER (ORDER BY t.id) - 1) / %(range_size)s AS number FROM tasks_task t WHERE {chosen}
) numbered GROUP BY number ORDER BY number
"""

# Which completion of a task stands first where only one goes in; a skip only where nothing was submitted.
_NEWEST = "n.was_cancelled, n.created_at DESC, n.id DESC"
_FIRST = {"newest": _NEWEST, "ground_truth_first": f"n.ground_truth DESC, {_NEWEST}"}

_STATES = {
    "finished": "t.is_labeled",
    "annotated": "t.completions_count > 0",
    "skipped_tasks": "t.skips_count > 0",
}
_KEYS = """
SELECT key FROM (
    SELECT entry.key, min(ARRAY[t.id, entry.place]) AS first
    FROM tasks_task t, LATERAL jsonb_object_keys(
        CASE jsonb_typeof(t.data) WHEN 'object' THEN t.data END
    ) WITH ORDINALITY AS entry(key, place)
    WHERE {chosen} GROUP BY entry.key
) found ORDER BY first
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some tasks of a project, as a condition of SQL on a task `t`.

    Attributes:
        condition: text of this program alone; what people say is in `parameters`, by name.
    """

    condition: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """What is sent to Postgres: the reading, the counting of the same tasks, and the values of both.

    Attributes:
        ranges: parts the same tasks, as `queries.ranges_of` does.
        keys: reads the keys of their data, as `queries.data_keys_of` does.
    """

    text: str
    counting: str
    ranges: str
    keys: str
    parameters: Mapping[str, Any]


def statement_of(
    spec: ExportSpec,
    *,
    project: Project,
    chosen: Chosen,
    exported_by: int,
    salt: str,
    part: Part | None = None,
    between: tuple[int, int] | None = None,
) -> Statement:
    """Return the statement that reads what `spec` asks for.

    Args:
        chosen: which tasks pass the tab, filters and selection that `spec` names.
        exported_by: id of the person whose drafts may go in.
        salt: of pseudonyms.
        part: only the tasks of this part.
        between: only the tasks whose id is above the first and at most the second.

    Raises:
        ValidationFailed: `since` is neither a cursor of this database nor a time.
    """
    parameters = {**chosen.parameters, "project": project.pk, "exported_by": exported_by, "salt": salt}
    conditions = _task_conditions(spec, parameters)
    if part is not None:
        conditions.append(_part_condition(spec, part, parameters))
    if between is not None:
        parameters["after_id"], parameters["upto_id"] = between
        conditions.append("t.id > %(after_id)s AND t.id <= %(upto_id)s")
    where = " AND ".join(["t.project_id = %(project)s", *conditions, f"({chosen.condition})"])
    document = task_document(
        completions=_completions(spec, parameters), identities=spec.identities, predictions=spec.predictions,
        drafts=spec.drafts, history=spec.history,
    )  # fmt: skip
    text = _TASKS.format(document=document, chosen=where)
    counting, ranges, keys = (each.format(chosen=where) for each in (_COUNT, _RANGES, _KEYS))
    return Statement(text, counting, ranges, keys, parameters)


def _task_conditions(spec: ExportSpec, parameters: dict[str, Any]) -> list[str]:
    found = []
    if spec.tasks == "labeled":
        found.append(_is_labeled(spec, parameters))
    if spec.ids:
        parameters["ids"] = list(spec.ids)
        found.append("t.id = ANY(%(ids)s::bigint[])")
    for name, condition in _STATES.items():
        wanted = getattr(spec, name)
        if wanted:
            found.append(condition if wanted == "only" else f"NOT ({condition})")
    if spec.since:
        found.append(_has_changed(spec, parameters))
    return found


def _is_labeled(spec: ExportSpec, parameters: dict[str, Any]) -> str:
    """Return whether a task has a completion that goes in; the counters tell where all or all but skips do."""
    if spec.takes_any_completion:
        return "(t.completions_count > 0 OR t.skips_count > 0)"
    if spec.usual and spec.ground_truths and not spec.people and spec.completions != "accepted":
        return "t.completions_count > 0"
    kinds = _kinds(spec, "c", parameters)
    return f"EXISTS (SELECT 1 FROM completions_completion c WHERE c.task_id = t.id AND {kinds})"  # noqa: S608


def _has_changed(spec: ExportSpec, parameters: dict[str, Any]) -> str:
    changed, parameters["since"] = since_condition(spec.since)
    tables = {"completions_completion": "c"} | (
        {"predictions_prediction": "p"} if spec.predictions == "full" else {}
    )
    others = [
        f"t.id IN (SELECT {row}.task_id FROM {table} {row}"  # noqa: S608
        f" WHERE {row}.project_id = %(project)s AND {changed.format(row=row)})"
        for table, row in tables.items()
    ]
    return f"({' OR '.join([changed.format(row='t'), *others])})"


def _part_condition(spec: ExportSpec, part: Part, parameters: dict[str, Any]) -> str:
    start, end = range_of(spec.parts, part.name)
    value = "t.id::text"
    if spec.split_key:
        value = "coalesce(t.data ->> %(split_key)s, '')"
        parameters["split_key"] = spec.split_key
    parameters |= {"split_seed": spec.split_seed, "split_from": start, "split_to": end}
    number = HASH.format(value=value)
    return f"{number} >= %(split_from)s AND {number} < %(split_to)s"


def _completions(spec: ExportSpec, parameters: dict[str, Any]) -> str:
    """Return what stands behind FROM: the completions `c` of a task `t` that go in."""
    kinds = "" if spec.takes_any_completion else f" AND {_kinds(spec, 'n', parameters)}"
    order = _FIRST.get(spec.completions)
    if not kinds and order is None:
        return "completions_completion c"
    last = f" ORDER BY {order} LIMIT 1" if order else ""
    return f"(SELECT n.* FROM completions_completion n WHERE n.task_id = t.id{kinds}{last}) c"  # noqa: S608


def _kinds(spec: ExportSpec, row: str, parameters: dict[str, Any]) -> str:
    wanted = []
    if spec.usual:
        wanted.append(f"NOT {row}.was_cancelled AND NOT {row}.ground_truth")
    if spec.ground_truths:
        wanted.append(f"{row}.ground_truth AND NOT {row}.was_cancelled")
    if spec.skipped and spec.completions != "consensus":  # a skip says nothing to agree with
        wanted.append(f"{row}.was_cancelled")
    found = f"({' OR '.join(wanted)})"
    if spec.people:
        parameters["people"] = list(spec.people)
        found += f" AND {row}.completed_by_id = ANY(%(people)s::bigint[])"
    if spec.completions == "accepted":
        # Named with its project, as the index of reviewed completions has it.
        found += f" AND {row}.review = 'accepted' AND {row}.project_id = %(project)s"
    return found
