"""Tasks in, completions out, on the pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import cast as typed

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import User
from apps.projects.models import Project
from tests.cast import Cast, make_cast
from tests.factories import make_completion

BrowserOf = Callable[[User | None], Client]


def task_count(project: Project) -> int:
    """Return how many tasks a project has."""
    return project.tasks.count()


def test_a_chosen_file_is_imported(cast: Cast, browser_of: BrowserOf) -> None:
    file = SimpleUploadedFile("tasks.json", b'[{"text": "a"}, {"text": "b"}]', "application/json")

    answer = browser_of(cast.manager).post(f"/projects/{cast.project.pk}/import", {"file": file}, follow=True)

    assert answer.redirect_chain == [(f"/projects/{cast.project.pk}/tasks", 302)]
    assert [str(message) for message in answer.context["messages"]] == ["Imported 2 tasks."]
    assert task_count(cast.project) == 5


def test_pasted_json_is_imported(cast: Cast, browser_of: BrowserOf) -> None:
    browser_of(cast.manager).post(f"/projects/{cast.project.pk}/import", {"text": '{"text": "naïve 🙂"}'})

    newest = cast.project.tasks.order_by("-pk").first()
    assert newest is not None
    assert newest.data == {"text": "naïve 🙂"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Choose a file or paste JSON: one of the two."),
        ("hello", "The file is not JSON: it must start with [ (a list of tasks) or { (one task)."),
        (
            '[{"text": "a"}, {"te',
            "The JSON ends in the middle of row 2: the file is cut off. Nothing was imported.",
        ),
        ("[]", "There are no tasks in it. Send a JSON list with at least one task."),
    ],
)
def test_what_cannot_be_read_is_explained_and_imports_nothing(
    cast: Cast, browser_of: BrowserOf, text: str, message: str
) -> None:
    answer = browser_of(cast.manager).post(f"/projects/{cast.project.pk}/import", {"text": text})

    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [message]
    assert task_count(cast.project) == 3


def test_bad_rows_are_listed_by_number(cast: Cast, browser_of: BrowserOf) -> None:
    rows = [{"text": "good"}, {"txt": "no key"}, "no object"]

    answer = browser_of(cast.manager).post(f"/projects/{cast.project.pk}/import", {"text": json.dumps(rows)})

    assert answer.context["problems"] == [
        'Row 2: the key "text" is missing, which <Text name="text"> shows',
        "Row 3: a task must be an object",
    ]
    assert task_count(cast.project) == 3


def test_a_null_character_is_refused_with_its_row(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/import", {"text": '[{"text": "a\\u0000"}]'}
    )

    assert answer.status_code == 422
    assert answer.context["problems"][0].startswith("Row 1: ")
    assert task_count(cast.project) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("choice", "count"), [("answered", 1), ("all", 3)])
def test_an_export_is_a_download_of_the_tasks_asked_for(
    browser_of: BrowserOf, choice: str, count: int
) -> None:
    cast = make_cast()
    task = cast.project.tasks.order_by("pk").first()
    assert task is not None
    completion = make_completion(task, cast.annotator)

    answer = browser_of(cast.manager).get(
        f"/projects/{cast.project.pk}/export/file?format=JSON&tasks={choice}"
    )

    exported = json.loads(b"".join(typed(Iterable[bytes], answer)))
    assert answer["Content-Disposition"].startswith(f'attachment; filename="project-{cast.project.pk}-at-')
    assert len(exported) == count
    assert exported[0]["annotations"][0]["result"] == completion.result


def test_an_unknown_format_is_explained(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/export/file?format=DOC")

    assert answer.status_code == 400
    assert "There is no export format" in answer.content.decode()
