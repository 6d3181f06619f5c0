"""An exported task as JSON, composed by Postgres as text, in the shape of the API's exported task (docs/api.md).

Texts are put together rather than objects built: `json_build_object` takes three times as long for fifty fields, which
is most of what an export of JSON takes at all. What is stored as jsonb passes through as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

# A person as the file names them. Pseudonyms are numbers which the salt, that nobody keeps, makes meaningless.
_IDENTITIES = {
    "ids": "{id}",
    "pseudonyms": "('x' || substr(md5(%(salt)s || ({id})::text), 1, 7))::bit(28)::int",
    "full": """(SELECT json_build_object('id', u.id, 'email', u.email, 'first_name', u.first_name,
        'last_name', u.last_name) FROM accounts_user u WHERE u.id = {id})""",
}
_NO_PREDICTIONS = "'[]'"
_PREDICTIONS = {
    "ids": "(SELECT json_agg(p.id ORDER BY p.id) FROM predictions_prediction p WHERE p.task_id = t.id)::text",
    "full": """(SELECT json_agg(json_build_object(
        'id', p.id, 'result', p.result, 'model_version', p.model_version, 'score', p.score, 'cluster', p.cluster,
        'neighbors', p.neighbors, 'mislabeling', p.mislabeling, 'created_at', p.created_at,
        'updated_at', p.updated_at, 'model', NULL, 'model_run', NULL, 'task', p.task_id, 'project', p.project_id
    ) ORDER BY p.id) FROM predictions_prediction p WHERE p.task_id = t.id)::text""",
}
_OWN_DRAFTS = """coalesce((SELECT json_agg(json_build_object(
        'id', d.id, 'user', {user}, 'task', d.task_id, 'annotation', d.completion_id, 'result', d.result,
        'lead_time', d.lead_time, 'created_at', d.created_at, 'updated_at', d.updated_at
    ) ORDER BY d.id) FROM completions_draft d WHERE d.task_id = t.id AND d.user_id = %(exported_by)s)::text, '[]')"""
_COMMENTED = "(SELECT EXISTS (SELECT 1 FROM comments_comment WHERE project_id = %(project)s))"
"""Does not depend on the task, so that it is asked once."""


_HISTORY = """coalesce((SELECT json_agg(json_build_object(
        'version', r.version, 'action', nullif(r.action, ''), 'changed_by', {changed_by}, 'changed_at', r.changed_at,
        'completed_by', {completed_by}, 'result', r.result, 'was_cancelled', r.was_cancelled,
        'ground_truth', r.ground_truth, 'lead_time', r.lead_time, 'config_version', r.config_version
    ) ORDER BY r.version) FROM completions_revision r
    WHERE r.completion_id = c.id AND r.version < c.version)::text, '[]')"""


def task_document(*, completions: str, identities: str, predictions: str, drafts: bool, history: bool) -> str:
    """Return SQL that gives a task `t` as a JSON text.

    Args:
        completions: what stands behind FROM: those of a task `t` that go in, as `c`.
        identities: how people are named: "ids", "full" or "pseudonyms".
        predictions: "ids", "full" or "none".
        drafts: those of the parameter exported_by go in.
        history: each completion has its earlier versions, oldest first.
    """
    # Authors and those who changed something are ids everywhere; only who completed is told in full.
    by_id = _IDENTITIES["pseudonyms" if identities == "pseudonyms" else "ids"]
    fields = {
        "id": "t.id",
        "annotations": _answers(completions, _completion_document(identities, by_id, history=history)),
        "drafts": _OWN_DRAFTS.format(user=by_id.format(id="d.user_id")) if drafts else "'[]'",
        "predictions": _prediction_list(predictions),
        "data": "t.data",
        "meta": "t.meta",
        "created_at": "to_json(t.created_at)",
        "updated_at": "to_json(t.updated_at)",
        "allow_skip": "'true'",
        "inner_id": _nullable("t.inner_id"),
        "overlap": "t.overlap",
        "total_annotations": "t.completions_count",
        "cancelled_annotations": "t.skips_count",
        "total_predictions": "t.predictions_count",
        "project": "t.project_id",
        "updated_by": _nullable(by_id.format(id="t.updated_by_id")),
        "file_upload": _nullable("to_json(nullif(t.file_upload, ''))"),
    }
    return _object(fields, more=_comment_fields(by_id.format(id="author_id")))


def _answers(completions: str, document: str) -> str:
    """Return SQL of the list of completions, by their ids; a task with one spares the sorting."""
    one, several = (
        f"(SELECT string_agg({document}, ','{order}) FROM {completions} WHERE c.task_id = t.id)"  # noqa: S608
        for order in ("", " ORDER BY c.id")
    )
    count = "t.completions_count + t.skips_count"
    return f"concat('[', CASE {count} WHEN 0 THEN '' WHEN 1 THEN {one} ELSE {several} END, ']')"


def _completion_document(identities: str, by_id: str, *, history: bool) -> str:
    fields = {
        "id": "c.id",
        "completed_by": _nullable(_IDENTITIES[identities].format(id="c.completed_by_id")),
        "result": "c.result",
        "was_cancelled": "c.was_cancelled::text",
        "ground_truth": "c.ground_truth::text",
        "review": "to_json(c.review)",
        "reviewed_by": _nullable(by_id.format(id="c.reviewed_by_id")),
        "reviewed_at": _nullable("to_json(c.reviewed_at)"),
        "created_at": "to_json(c.created_at)",
        "updated_at": "to_json(c.updated_at)",
        "draft_created_at": "'null'",
        "lead_time": _nullable("to_json(c.lead_time)"),
        "prediction": "'{}'",
        "result_count": "jsonb_array_length(c.result)",
        "unique_id": _nullable("to_json(c.client_id)"),
        "import_id": "'null'",
        "last_action": "'null'",
        "bulk_created": "'false'",
        "task": "c.task_id",
        "project": "c.project_id",
        "updated_by": _nullable(by_id.format(id="c.updated_by_id")),
        "parent_prediction": _nullable("to_json(c.parent_prediction)"),
        "parent_annotation": _nullable("to_json(c.parent_completion)"),
        "last_created_by": "'null'",
    }
    if history:
        people = {name: by_id.format(id=f"r.{name}_id") for name in ("changed_by", "completed_by")}
        fields["history"] = _HISTORY.format(**people)
    return _object(fields)


def _prediction_list(predictions: str) -> str:
    if predictions == "none":
        return _NO_PREDICTIONS
    # Most tasks have none: the counter spares looking.
    return (
        f"CASE WHEN t.predictions_count > 0 THEN coalesce({_PREDICTIONS[predictions]}, {_NO_PREDICTIONS})"
        f" ELSE {_NO_PREDICTIONS} END"
    )


def _comment_fields(author: str) -> str:
    """Return SQL of a text with the fields about comments; projects without any spare looking for each task."""
    found = {
        "comment_count": "count(*)",
        "unresolved_comment_count": "count(*) FILTER (WHERE resolved_at IS NULL)",
        "last_comment_updated_at": _nullable("to_json(max(updated_at))"),
        "comment_authors": f"coalesce(json_agg(DISTINCT {author}) FILTER (WHERE author_id IS NOT NULL)::text, '[]')",
    }
    none = (
        '"comment_count":0,"unresolved_comment_count":0,"last_comment_updated_at":null,"comment_authors":[]'
    )
    counted = f"(SELECT {_pairs(found)} FROM comments_comment WHERE task_id = t.id)"  # noqa: S608
    return f"CASE WHEN {_COMMENTED} THEN {counted} ELSE '{none}' END"


def _nullable(value: str) -> str:
    return f"coalesce(({value})::text, 'null')"


def _object(fields: Mapping[str, str], *, more: str | None = None) -> str:
    """Return SQL of a JSON object; each value is SQL of a text, or of what prints as JSON and is never null."""
    inside = f"{_pairs(fields)}, ',', {more}" if more else _pairs(fields)
    return f"concat('{{', {inside}, '}}')"


def _pairs(fields: Mapping[str, str]) -> str:
    """Return SQL of the pairs of an object."""
    listed = ", ".join(
        f"""'{"," if place else ""}"{name}":', {value}"""
        for place, (name, value) in enumerate(fields.items())
    )
    return f"concat({listed})"
