"""What clients of the Label Studio API say of a snapshot, in this server's options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.core.errors import ValidationFailed
from apps.exports.options import ExportSpec, read_spec, wrong

TITLE = "title"
# What such clients send back of the document they got; it is not theirs to say.
_READ_ONLY = frozenset(
    {"id", "created_by", "created_at", "finished_at", "status", "md5", "counters", "converted_formats"}
)
_TASK_FILTERS = {
    "view": "view",
    "finished": "finished",
    "annotated": "annotated",
    "skipped": "skipped_tasks",
    "only_with_annotations": "",
}
_KINDS = {"usual": "usual", "ground_truth": "ground_truths", "skipped": "skipped"}
_PARTS = ("task_filter_options", "annotation_filter_options", "serialization_options")
MAX_TITLE = 200


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """A snapshot that somebody asks for.

    Attributes:
        answered: what clients of the Label Studio API want to see again in the answer.
    """

    title: str
    spec: ExportSpec
    answered: dict[str, Any]


def read_snapshot(body: Any) -> SnapshotRequest:
    """Return what the body of a request asks for: options of this server, of the Label Studio API, or both.

    Unlike other exports a snapshot has all tasks, unless something is said of them.

    Raises:
        ValidationFailed: an option is unknown, or its value is wrong.
    """
    if not isinstance(body, Mapping):
        raise ValidationFailed("Send a JSON object with the options of the export, or an empty one.")
    given: dict[str, Any] = {"tasks": "all", "skipped": True}
    given |= _of_tasks(_part(body, "task_filter_options"))
    given |= _of_completions(_part(body, "annotation_filter_options"))
    given |= _of_writing(_part(body, "serialization_options"))
    own = {
        name: value for name, value in body.items() if name not in _READ_ONLY and name not in (*_PARTS, TITLE)
    }
    return SnapshotRequest(
        title=_title(body.get(TITLE)),
        spec=read_spec({**given, **own}),
        answered={name: body.get(name) for name in _PARTS},
    )


def _title(given: Any) -> str:
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > MAX_TITLE or "\x00" in given:
        wrong(TITLE, f"must be a text of at most {MAX_TITLE} characters, without NUL.")
    return given.strip()


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = body.get(name)
    if given is None:
        return {}
    return given if isinstance(given, Mapping) else wrong(name, "must be an object.")


def _of_tasks(given: Mapping[str, Any]) -> dict[str, Any]:
    _require_known("task_filter_options", given, _TASK_FILTERS)
    read = {_TASK_FILTERS[name]: value for name, value in given.items() if value is not None}
    if read.pop("", False) is True:
        read["tasks"] = "labeled"
        read.setdefault("annotated", "only")
    return read


def _of_completions(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kinds that go in: those that are said to, or all where none is."""
    _require_known("annotation_filter_options", given, _KINDS)
    if not any(value is True for value in given.values()):
        return {}
    return {own: given.get(name) is True for name, own in _KINDS.items()}


def _of_writing(given: Mapping[str, Any]) -> dict[str, Any]:
    expanded = ("drafts", "predictions", "annotations__completed_by")
    flags = ("include_annotation_history", "interpolate_key_frames")
    _require_known("serialization_options", given, (*expanded, *flags))
    whole = {
        name: isinstance(part := given.get(name), Mapping) and part.get("only_id") is False
        for name in expanded
    }
    return {
        "drafts": whole["drafts"],
        "predictions": "full" if whole["predictions"] else "ids",
        "identities": "full" if whole["annotations__completed_by"] else "ids",
        **{name: given[name] for name in flags if given.get(name) is not None},
    }


def _require_known(part: str, given: Mapping[str, Any], known: Any) -> None:
    for name in given:
        if name not in known:
            wrong(part, f'has no "{str(name)[:80]}". Use one of: {", ".join(known)}.')
