"""JSON goes out, comes in and goes out again as the same, but for ids, people and times, which are new ones."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.exports.options import ExportSpec
from apps.exports.services import export_project
from apps.imports.services import import_stream
from apps.labeling.templates import labeling_templates
from apps.projects.models import Project
from tests.exports.formats.answers import answers, data
from tests.factories import make_project

pytestmark = pytest.mark.django_db
NEW = {
    "id",
    "task",
    "project",
    "completed_by",
    "updated_by",
    "reviewed_by",
    "created_at",
    "updated_at",
    "reviewed_at",
}


def exported(project: Project, export_format: str = "JSON") -> bytes:
    spec = ExportSpec(format=export_format, tasks="all", predictions="full")
    owner = project.created_by
    assert owner is not None
    return b"".join(export_project(project=project, exported_by=owner, spec=spec).pieces)


def copied(raw: bytes, project: Project) -> Project:
    """Return a project that holds what was exported."""
    owner = project.created_by
    assert owner is not None
    copy = make_project(owner, label_config=project.label_config)
    import_stream(project=copy, stream=io.BytesIO(raw), created_by=owner)
    return copy


def lasting(value: Any) -> Any:
    """Return an exported task without what a copy has of its own; results stay whole."""
    if isinstance(value, list):
        return [lasting(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    whole = ("result", "data", "meta")
    return {key: entry if key in whole else lasting(entry) for key, entry in value.items() if key not in NEW}


def of_lines(raw: bytes) -> list[Any]:
    return [json.loads(line) for line in raw.splitlines()]


@pytest.mark.parametrize(("export_format", "read"), [("JSON", json.loads), ("JSONL", of_lines)])
def test_the_answers_of_all_templates_come_back(cast, export_format, read):
    tasks: list[dict[str, Any]] = [
        {
            "data": {**template.task, "text": "a"},
            "annotations": [
                {"result": template.answer, "lead_time": 1.5, "ground_truth": True, "review": "accepted"},
                {"result": [], "was_cancelled": True, "review": "rejected"},
            ],
            "predictions": [{"result": template.answer, "score": 0.25, "model_version": template.name}],
            "meta": {"template": template.name},
        }
        for template in labeling_templates().values()
    ]  # fmt: skip
    first = copied(json.dumps(tasks).encode(), cast.project)
    original = exported(first, export_format)
    again = exported(copied(original, first), export_format)
    assert lasting(read(again)) == lasting(read(original))
    stored = lasting(read(original))
    marks = [(answer["ground_truth"], answer["review"]) for answer in stored[0]["annotations"]]
    assert marks == [(True, "accepted"), (False, "")]
    assert [task["annotations"][0]["result"] for task in stored] == [
        template.answer for template in labeling_templates().values()
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(labeled=st.data())
def test_any_answer_comes_back(cast, labeled):
    shown = [labeled.draw(data()) for _ in range(4)]
    tasks = [
        {"data": entry, "annotations": [{"result": labeled.draw(answers(entry, whole=True))}]}
        for entry in shown
    ]
    first = copied(json.dumps(tasks).encode(), cast.project)
    original = exported(first)
    assert lasting(json.loads(exported(copied(original, first)))) == lasting(json.loads(original))
    assert [task["annotations"][0]["result"] for task in json.loads(original)] == [
        task["annotations"][0]["result"] for task in tasks
    ]
