"""The export page: what fits, what it would bring, what becomes of it, and what was exported before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from typing import cast as typed

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.data_manager.tabs import create_view
from apps.exports.keeping import export_for
from apps.exports.models import Export
from apps.jobs.runner import run
from apps.projects.policy import Action
from apps.projects.queries import project_for
from tests.cast import Cast
from tests.factories import make_completion, make_export, make_project, make_tasks, owner_of

BrowserOf = Callable[[User | None], Client]
pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def choices(**chosen: str) -> dict[str, str]:
    return {"format": "JSON", "tasks": "all", "skipped": "on", **chosen}


def content(answer: Any) -> bytes:
    return b"".join(typed(Iterable[bytes], answer))


def test_a_started_export_is_complete_at_once_when_it_is_small(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)
    card = browser.post(f"/projects/{cast.project.pk}/export/start", choices(title="First"), **HTMX)  # type: ignore[arg-type]
    row = Export.objects.get()
    address = f"/projects/{cast.project.pk}/exports/{row.pk}/download"
    assert f'href="{address}" data-download-now' in card.content.decode()
    assert card["HX-Trigger"] == '{"exports:changed": {}}'
    file = browser.get(address)
    assert len(json.loads(content(file))) == 3
    assert file["Content-Disposition"] == f'attachment; filename="{row.filename}"'
    assert "First" in browser.get(f"/projects/{cast.project.pk}/export").content.decode()


def test_a_large_one_shows_its_progress_until_it_is_there(
    cast: Cast, browser_of: BrowserOf, settings: Any
) -> None:
    settings.EXPORT_SYNC_TASKS = 1
    browser = browser_of(cast.manager)
    card = browser.post(f"/projects/{cast.project.pk}/export/start", choices(), **HTMX)  # type: ignore[arg-type]
    row = Export.objects.get()
    assert 'hx-trigger="every 1s"' in card.content.decode()
    assert "<progress" in card.content.decode()

    assert row.job is not None
    run(job_id=row.job.pk, worker="test")

    card = browser.get(f"/projects/{cast.project.pk}/exports/{row.pk}", **HTMX)  # type: ignore[arg-type]
    assert "every 1s" not in card.content.decode()
    assert "Exported <strong>3 tasks</strong>" in card.content.decode()


def test_who_comes_back_sees_how_far_their_export_is(
    cast: Cast, browser_of: BrowserOf, settings: Any
) -> None:
    settings.EXPORT_SYNC_TASKS = 1
    address = f"/projects/{cast.project.pk}/export"
    browser_of(cast.manager).post(f"{address}/start", choices())
    assert "<progress" in browser_of(cast.manager).get(address).content.decode()
    assert "<progress" not in browser_of(cast.owner).get(address).content.decode()


def test_what_is_wrong_is_said_beside_its_name_and_nothing_is_kept(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)
    wrong = choices(split="train", since="yesterday")
    part = browser.post(f"/projects/{cast.project.pk}/export/start", wrong, **HTMX)  # type: ignore[arg-type]
    whole = browser.post(f"/projects/{cast.project.pk}/export/start", choices(since="yesterday"))
    assert "split looks like train=0.8,val=0.1,test=0.1" in part.content.decode()
    assert whole.status_code == 422
    assert "since must be a cursor" in whole.content.decode()
    assert Export.objects.count() == 0


def test_the_estimate_counts_what_is_chosen(cast: Cast, browser_of: BrowserOf) -> None:
    make_completion(cast.project.tasks.order_by("pk")[0], cast.annotator)
    manager = project_for(cast.manager, cast.project.pk, Action.EXPORT)
    nothing = {"items": [{"filter": "filter:tasks:id", "operator": "equal", "value": 0}]}
    view = create_view(project=manager, created_by=cast.manager, data={"filters": nothing})
    browser = browser_of(cast.manager)

    def told(**chosen: str) -> str:
        answer = browser.get(f"/projects/{cast.project.pk}/export/estimate", choices(**chosen))
        return answer.content.decode()

    assert "<strong>3 tasks</strong>" in told()
    assert "about " in told()
    assert "<strong>1 task</strong>" in told(tasks="labeled")
    assert "No tasks" in told(tasks="tab", view=str(view.pk))
    assert "cannot hold media" in told(media_files="on")
    assert told(tasks="some").strip() == '<span class="text-secondary">&nbsp;</span>'


def test_a_tab_named_in_the_address_is_chosen_already(cast: Cast, browser_of: BrowserOf) -> None:
    manager = project_for(cast.manager, cast.project.pk, Action.EXPORT)
    view = create_view(project=manager, created_by=cast.manager, data={"title": "Hard ones"})
    page = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/export?view={view.pk}").content.decode()
    assert f'<option value="{view.pk}" selected>Hard ones</option>' in page


@pytest.mark.parametrize(
    ("shown", "offered"), [('<Video name="v" value="$v"/>', True), ('<Text name="v" value="$v"/>', False)]
)
def test_frames_are_offered_where_there_are_videos(
    cast: Cast, browser_of: BrowserOf, shown: str, offered: bool
) -> None:
    choices_of = '<Choices name="c" toName="v"><Choice value="A"/></Choices>'
    project = make_project(cast.owner, label_config=f"<View>{shown}{choices_of}</View>")
    make_tasks(project, [{"v": "/data/upload/1/a.mp4"}])
    page = browser_of(cast.owner).get(f"/projects/{project.pk}/export")
    assert (b"Fill in the frames" in page.content) is offered


def test_deleting_asks_first(cast: Cast, browser_of: BrowserOf) -> None:
    row, browser = make_export(cast.project, cast.owner), browser_of(cast.manager)
    address = f"/projects/{cast.project.pk}/exports/{row.pk}/delete"
    assert "with 3 tasks, goes for everybody" in browser.get(address).content.decode()
    assert Export.objects.count() == 1
    browser.post(address)
    assert Export.objects.count() == 0


def test_the_page_asks_for_how_long_a_link_holds_and_shows_it(cast: Cast, browser_of: BrowserOf) -> None:
    row, browser = make_export(cast.project, cast.manager), browser_of(cast.manager)
    address = f"/projects/{cast.project.pk}/exports/{row.pk}/link"
    assert "one week" in browser.get(address).content.decode()
    shown = browser.post(address, {"hours": "24"}).content.decode()
    assert "http://testserver/api/exports/links/" in shown
    assert "It holds until" in shown


def test_an_export_of_another_project_is_not_found(cast: Cast) -> None:
    other = make_project(tasks=1)
    row = make_export(other, owner_of(other))
    with pytest.raises(NotFound):
        export_for(cast.manager, cast.project, row.pk)


def test_a_project_without_tasks_is_told_how_to_get_some(cast: Cast, browser_of: BrowserOf) -> None:
    empty = make_project(cast.owner)
    page = browser_of(cast.owner).get(f"/projects/{empty.pk}/export").content.decode()
    assert "Nothing to export yet" in page
    assert "Import tasks" in page


def test_the_list_costs_as_many_queries_for_many_as_for_one(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            browser.get(f"/projects/{cast.project.pk}/export")
        return len(found)

    make_export(cast.project, cast.manager)
    first = queries()
    for _ in range(4):
        make_export(cast.project, cast.manager)
    assert queries() <= first
