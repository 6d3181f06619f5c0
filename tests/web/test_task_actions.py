"""Actions on the data manager page: what each is about to do, its form, how it goes, taking it back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.models import Completion
from apps.data_manager.actions import find_action
from apps.data_manager.models import ActionRun, UndoStep
from apps.jobs.models import Job, JobStatus
from apps.tasks.models import Task
from apps.web.data_manager.action_forms import ActionForm, offered_action
from apps.web.data_manager.action_runs import shown_run
from tests.cast import Cast
from tests.factories import make_completion

BrowserOf = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def address(cast: Cast) -> str:
    return f"/projects/{cast.project.pk}/tasks"


def single(*tasks: Task) -> dict[str, str]:
    """Return a form that selects tasks one by one."""
    return {"selection": json.dumps({"all": False, "included": [task.pk for task in tasks]})}


def everything_but(*tasks: Task) -> dict[str, str]:
    """Return a form that selects all matching tasks but some."""
    return {"selection": json.dumps({"all": True, "excluded": [task.pk for task in tasks]})}


def make_run(cast: Cast, **fields: Any) -> ActionRun:
    """Return a finished run of "Set overlap" by the owner."""
    now = timezone.now()
    known = {
        "selected": 2,
        "processed": 2,
        "finished_at": now,
        "expires_at": now + timedelta(days=7),
    } | fields
    return ActionRun.objects.create(project=cast.project, user=cast.owner, action="set_overlap", **known)


def test_an_action_says_what_it_is_about_before_it_does_anything(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    first, second, _ = cast.project.tasks.order_by("pk")
    make_completion(first, cast.annotator)

    answer = browser_of(cast.owner).post(
        f"{address}/actions/delete_tasks", single(first, second), headers=HTMX
    )

    told = " ".join(answer.content.decode().split())
    assert "<strong>2 tasks</strong> are selected, with 1 completion and 0 predictions." in told
    assert "It cannot be undone." in told
    assert answer["HX-Trigger-After-Settle"] == '{"dialog:open": {}}'
    assert cast.project.tasks.count() == 3


def test_the_selection_is_taken_from_what_the_page_shows(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    first, second, third = cast.project.tasks.order_by("pk")

    browser_of(cast.owner).post(
        f"{address}/actions/delete_tasks/run?q=text", everything_but(second), headers=HTMX
    )
    browser_of(cast.owner).post(f"{address}/actions/delete_tasks/run?q=zebra", everything_but(), headers=HTMX)

    assert list(cast.project.tasks.all()) == [second]
    assert {first.pk, third.pk}.isdisjoint(cast.project.tasks.values_list("pk", flat=True))


def test_what_was_done_stands_on_a_card_and_can_be_taken_back(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    first, second, _ = cast.project.tasks.order_by("pk")
    browser = browser_of(cast.owner)

    done = browser.post(
        f"{address}/actions/set_overlap/run", {**single(first, second), "option-overlap": "3"}, headers=HTMX
    )
    changed = list(cast.project.tasks.order_by("pk").values_list("overlap", flat=True))
    run = ActionRun.objects.get()
    undone = browser.post(f"{address}/runs/{run.pk}/undo", headers=HTMX)
    again = browser.post(f"{address}/runs/{run.pk}/undo", headers=HTMX)

    assert changed == [3, 3, 1]
    assert (done["HX-Retarget"], done["HX-Trigger"]) == ("#dm-jobs", '{"data-manager:done": {}}')
    assert "2 tasks changed." in done.content.decode()
    assert "Undo" in done.content.decode()
    assert "and taken back" in undone.content.decode()
    assert "This was undone already." in again.content.decode()
    assert set(cast.project.tasks.values_list("overlap", flat=True)) == {1}


@pytest.mark.parametrize("overlap", ["", "0", "many", "2.5", "100000"])
def test_what_is_wrong_with_a_parameter_stands_beside_it(
    cast: Cast, browser_of: BrowserOf, address: str, overlap: str
) -> None:
    sent = {**everything_but(), "option-overlap": overlap}

    answer = browser_of(cast.owner).post(f"{address}/actions/set_overlap/run", sent, headers=HTMX)

    assert answer.status_code == 422
    assert 'id="id_option-overlap_error"' in answer.content.decode()
    assert set(cast.project.tasks.values_list("overlap", flat=True)) == {1}


@pytest.mark.parametrize(
    "selection",
    ["", "{", "[]", '{"all": 1}', '{"all": false, "excluded": [1]}', '{"all": false, "included": ["x"]}'],
)
def test_a_selection_that_is_none_is_refused(
    cast: Cast, browser_of: BrowserOf, address: str, selection: str
) -> None:
    browser = browser_of(cast.owner)

    asked = browser.post(f"{address}/actions/delete_tasks", {"selection": selection}, headers=HTMX)
    ran = browser.post(f"{address}/actions/delete_tasks/run", {"selection": selection}, headers=HTMX)

    assert (asked.status_code, ran.status_code) == (422, 422)
    assert "alert-danger" in asked.content.decode()
    assert cast.project.tasks.count() == 3


def test_an_action_runs_on_nothing_while_a_filter_is_wrong(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    wrong = json.dumps({"items": [{"filter": "tasks:id", "operator": "equal", "value": "x"}]})

    answer = browser_of(cast.owner).post(
        f"{address}/actions/delete_tasks/run?filters={wrong}", everything_but(), headers=HTMX
    )

    assert answer.status_code == 422
    assert cast.project.tasks.count() == 3


def test_an_action_that_answers_a_file_downloads_it(cast: Cast, browser_of: BrowserOf, address: str) -> None:
    task = cast.project.tasks.order_by("pk")[1]
    sent = {**single(task), "option-export_type": "JSON"}

    answer = browser_of(cast.owner).post(f"{address}/actions/export_selection/run", sent)

    assert "attachment" in answer["Content-Disposition"]
    [exported] = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert exported["id"] == task.pk


@pytest.mark.parametrize(
    ("person", "action"),
    [
        ("viewer", "delete_tasks_annotations"),
        ("annotator", "delete_tasks_annotations"),
        ("reviewer", "delete_tasks"),
    ],
)
def test_what_a_role_may_not_do_is_neither_asked_nor_done(
    cast: Cast, browser_of: BrowserOf, address: str, person: str, action: str
) -> None:
    make_completion(cast.project.tasks.order_by("pk")[0], cast.annotator)
    browser = browser_of(getattr(cast, person))

    asked = browser.post(f"{address}/actions/{action}", everything_but(), headers=HTMX)
    ran = browser.post(f"{address}/actions/{action}/run", everything_but(), headers=HTMX)

    assert (asked.status_code, ran.status_code) == (403, 403)
    assert (cast.project.tasks.count(), Completion.objects.count()) == (3, 1)


def test_an_unknown_action_is_not_found(cast: Cast, browser_of: BrowserOf, address: str) -> None:
    assert browser_of(cast.owner).post(f"{address}/actions/drop_table", everything_but()).status_code == 404


def test_runs_of_other_projects_are_not_found(cast: Cast, browser_of: BrowserOf, address: str) -> None:
    run = make_run(cast)

    statuses = [
        browser_of(person).get(f"/projects/{project}/tasks/runs/{run.pk}").status_code
        for person, project in (
            (cast.owner, cast.project.pk), (cast.annotator, cast.project.pk), (cast.stranger, cast.project.pk),
            (cast.owner, 10**9),
        )
    ]  # fmt: skip

    assert statuses == [200, 404, 404, 404]


def test_a_card_asks_for_itself_again_while_a_job_works(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    job = Job.objects.create(
        kind="task-action",
        project=cast.project,
        created_by=cast.owner,
        status=JobStatus.RUNNING,
        progress=5,
        total=9,
    )
    run = make_run(cast, finished_at=None, job_id=job.pk)
    browser = browser_of(cast.owner)

    working = browser.get(f"{address}/runs/{run.pk}").content.decode()
    Job.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED, finished_at=timezone.now())
    ActionRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    ended = browser.get(f"{address}/runs/{run.pk}").content.decode()

    assert "hx-trigger" in working
    assert "5 of 9 tasks" in working
    assert "hx-trigger" not in ended
    assert "2 tasks changed." in ended


def test_a_run_says_where_it_stands(cast: Cast) -> None:
    half = make_run(cast, undone_at=timezone.now())
    UndoStep.objects.create(run=half, data={})
    runs = {
        "done": make_run(cast),
        "stopped": make_run(cast, finished_at=None),
        "undone": make_run(cast, undone_at=timezone.now()),
        "partly undone": half,
    }

    shown = {state: shown_run(run, cast.owner) for state, run in runs.items()}

    assert {state: run.state for state, run in shown.items()} == {state: state for state in runs}
    assert {state for state, run in shown.items() if run.may_undo} == {"done", "partly undone"}


def test_a_form_is_made_of_whatever_an_action_describes(cast: Cast) -> None:
    described = (
        {"type": "number", "name": "rank", "label": "Rank", "min": 1, "max": 5, "value": 2, "help": "<b>High</b>"},
        {"type": "select", "name": "person", "multiple": True,
         "options": [{"value": 7, "label": "Ana"}, {"value": 8, "label": "Ben"}]},
        {"type": "text", "name": "note", "required": False},
        {"type": "checkbox", "name": "loud"},
    )  # fmt: skip
    offered = replace(offered_action(find_action("delete_tasks"), cast.project), fields=described)
    sent = {"option-rank": "3", "option-person": ["8"], "option-note": "", "option-loud": "on"}

    form = ActionForm(offered, sent)
    wrong = ActionForm(offered, {"option-rank": "9", "option-person": ["9"]})

    assert form.is_valid()
    assert form.options == {"rank": 3, "person": [8], "loud": True}
    assert form.fields["rank"].help_text == "&lt;b&gt;High&lt;/b&gt;"
    assert set(wrong.errors) == {"rank", "person"}
