"""Completions out, on the export page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import cast as typed

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.cast import Cast, make_cast
from tests.factories import make_completion

BrowserOf = Callable[[User | None], Client]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("choice", "count"), [("labeled", 1), ("all", 3)])
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


def test_the_page_offers_what_fits_the_config_and_says_why_others_do_not(
    cast: Cast, browser_of: BrowserOf
) -> None:
    page = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/export").content.decode()

    assert 'name="format" value="CSV"' in page
    assert 'name="format" value="COCO"' not in page
    assert "<dt>COCO</dt>" in page
    assert "on Image" in page
