"""CSV and TSV go out as tasks are read, with the columns that a table of all tasks has."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from apps.exports.formats import CATALOGUE, ExportOptions
from apps.exports.options import read_spec
from apps.exports.services import export_project
from apps.labeling.config import parse
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for
from tests.factories import make_completion, make_project, make_tasks, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    """Tasks whose data have different keys, odd ones too."""
    project = make_project()
    rows: list[Any] = [
        {"zeta": 1, "text": "=1+1"}, {"text": "b", "sentiment": "of the data", "id": 7},
        {"text": "c, d", "al,pha": [1], "zeta": None}, {"text": "e", "": "no name", "\t=x": "y"},
    ]  # fmt: skip
    for task in make_tasks(project, rows)[:3]:
        make_completion(task, owner_of(project))
    return project


def pieces(project: Project, **options: Any) -> Iterator[bytes]:
    person = owner_of(project)
    seen = project_for(person, project.pk, Action.EXPORT)
    return export_project(
        project=seen, exported_by=person, spec=read_spec({"tasks": "all", **options})
    ).pieces


@pytest.mark.parametrize("name", ["CSV", "TSV"])
@pytest.mark.parametrize("tasks", ["all", "labeled"])
def test_it_is_byte_for_byte_the_table_that_waits_for_the_last_task(
    project: Project, name: str, tasks: str
) -> None:
    read = b"".join(pieces(project, format="JSONL", tasks=tasks)).decode().splitlines()
    waited = CATALOGUE[name].write(read, ExportOptions(config=parse(project.label_config)))
    assert b"".join(pieces(project, format=name, tasks=tasks)) == b"".join(waited)


def test_what_is_known_goes_out_before_anything_is_read(project: Project) -> None:
    def unread(_: int) -> str:
        raise AssertionError("a task was read")

    options = ExportOptions(config=parse(project.label_config), data_keys=lambda: ["zeta"])
    written = CATALOGUE["CSV"].write(map(unread, [1]), options)
    assert [next(written), next(written)] == [
        b"text",
        b",zeta,id,sentiment,annotator,annotation_id,created_at,updated_at,lead_time\n",
    ]


def test_the_keys_of_only_those_tasks_that_go_in_are_columns(project: Project) -> None:
    header = next(csv.reader(io.StringIO(b"".join(pieces(project, format="CSV", tasks="labeled")).decode())))
    assert header[:5] == ["text", "zeta", "data.id", "data.sentiment", "al,pha"]
