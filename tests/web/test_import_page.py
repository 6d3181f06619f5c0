"""Bringing tasks in on the import page: without scripts, and the parts that scripts ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.imports.models import Import, Upload
from apps.imports.undo import start_undo
from apps.jobs.models import JobStatus
from apps.jobs.runner import run
from apps.projects.models import Project
from apps.web import import_start
from apps.web.import_history import shown_imports
from tests.cast import Cast
from tests.factories import (
    make_completion,
    make_import_with_a_bad_row,
    make_picture,
    make_project,
    make_tasks,
    make_upload,
)

BrowserOf = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}
DEFAULTS = {"on_error": "abort"}

TWO_TEXTS = """
<View>
  <Text name="question" value="$question"/>
  <Text name="reply" value="$reply"/>
  <Choices name="fit" toName="reply"><Choice value="yes"/><Choice value="no"/></Choices>
</View>
"""


def post(browser: Client, project: Project, step: str, uploads: list[Upload], **fields: Any) -> Any:
    """Send the preview's form as htmx does."""
    body = {"uploads": ",".join(str(upload.pk) for upload in uploads), **DEFAULTS, **fields}
    return browser.post(f"/projects/{project.pk}/import/{step}", body, headers=HTMX)


def last_import(project: Project) -> Import:
    """Return the newest import of a project."""
    row: Import | None = Import.objects.filter(project=project).order_by("pk").last()
    assert row is not None
    return row


# --- Without scripts ----------------------------------------------------------------------------------------


def test_chosen_files_are_imported_together(cast: Cast, browser_of: BrowserOf) -> None:
    files = [
        SimpleUploadedFile("tasks.json", b'[{"text": "a"}, {"text": "b"}]'),
        SimpleUploadedFile("more.csv", b"text\nc\n"),
    ]

    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/import", {"file": files}, follow=True
    )

    assert answer.redirect_chain == [(f"/projects/{cast.project.pk}/tasks", 302)]
    assert [str(message) for message in answer.context["messages"]] == ["Imported 3 tasks."]
    assert cast.project.tasks.count() == 6


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"text": "naïve 🙂"}', {"text": "naïve 🙂"}),
        ("text,stars\nGood,4\n", {"text": "Good", "stars": "4"}),
        ("Just a line", {"text": "Just a line"}),
    ],
)
def test_the_format_of_pasted_text_is_found_out(
    cast: Cast, browser_of: BrowserOf, text: str, data: dict[str, str]
) -> None:
    browser_of(cast.manager).post(f"/projects/{cast.project.pk}/import", {"text": text})

    newest = cast.project.tasks.order_by("-pk").first()
    assert newest is not None
    assert newest.data == data


def test_a_sample_can_be_imported_and_labeled(cast: Cast, browser_of: BrowserOf) -> None:
    browser_of(cast.manager).post(f"/projects/{cast.project.pk}/import", {"sample": "1"})

    newest = cast.project.tasks.order_by("-pk").first()
    assert newest is not None
    assert list(newest.data) == ["text"]
    assert not newest.is_labeled


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "a", "url": "https://example.com/a.csv"},
        {"file": SimpleUploadedFile("empty.json", b""), "text": "a"},
    ],
)
def test_exactly_one_source_is_asked_for(cast: Cast, browser_of: BrowserOf, body: dict[str, Any]) -> None:
    answer = browser_of(cast.manager).post(f"/projects/{cast.project.pk}/import", body)

    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [
        "Choose files, paste text or name an address: one of the three."
    ]
    assert Import.objects.count() == 1, "that of the cast"


def test_an_address_in_a_private_network_is_refused(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/import", {"url": "http://127.0.0.1/tasks.json"}
    )

    assert answer.status_code == 422
    assert "127.0.0.1" in answer.content.decode()
    assert not Upload.objects.exists()


def test_bad_rows_lead_to_the_report(cast: Cast, browser_of: BrowserOf) -> None:
    rows = [{"text": "good"}, {"txt": "no key"}, "no object"]

    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/import", {"text": json.dumps(rows)}, follow=True
    )

    assert answer.redirect_chain == [
        (f"/projects/{cast.project.pk}/imports/{last_import(cast.project).pk}", 302)
    ]
    assert [(bad.place, bad.problems, bad.row) for bad in answer.context["bad_rows"]] == [
        ("row 2", ['the key "text" is missing, which <Text name="text"> shows'], '{"txt":"no key"}'),
        ("row 3", ["a task must be an object"], "no object"),
    ]
    assert cast.project.tasks.count() == 3


def test_a_file_that_breaks_off_is_explained(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/import", {"text": '[{"text": "a"}, {"te'}, follow=True
    )

    assert "the file is cut off" in answer.content.decode()
    assert cast.project.tasks.count() == 3


# --- The preview --------------------------------------------------------------------------------------------


def test_the_preview_shows_the_first_rows_and_imports_nothing(cast: Cast, browser_of: BrowserOf) -> None:
    upload = make_upload(cast.project, b"text\n" + b"\n".join(b"line %d" % n for n in range(50)), "a.csv")

    answer = post(browser_of(cast.manager), cast.project, "preview", [upload])

    [panel] = answer.context["preview"].panels
    assert (panel.format, panel.shown_columns, panel.mapping) == ("CSV", ["text"], [])
    assert [row.cells for row in panel.rows] == [[f"line {number}"] for number in range(10)]
    assert cast.project.tasks.count() == 3
    assert Import.objects.count() == 1, "that of the cast"


def test_columns_are_mapped_to_variables_by_their_names(cast: Cast, browser_of: BrowserOf) -> None:
    project = make_project(cast.owner, label_config=TWO_TEXTS)
    upload = make_upload(project, b"id,Question,the_reply\n1,Why?,Because\n", "a.csv")

    answer = post(browser_of(cast.owner), project, "preview", [upload])

    [panel] = answer.context["preview"].panels
    assert [(one.variable, one.column) for one in panel.mapping] == [("question", "Question"), ("reply", "")]
    assert panel.bad_rows == 1

    answer = post(
        browser_of(cast.owner), project, "preview", [upload], **{f"column-{upload.pk}-reply": "the_reply"}
    )

    [panel] = answer.context["preview"].panels
    assert (panel.shown_columns, panel.rows[0].cells) == (
        ["question", "reply", "id"],
        ["Why?", "Because", "1"],
    )
    assert panel.bad_rows == 0


def test_the_only_foreign_column_is_guessed_for_the_only_variable(cast: Cast, browser_of: BrowserOf) -> None:
    upload = make_upload(cast.project, b"review\nFine\n", "a.csv")

    answer = post(browser_of(cast.manager), cast.project, "preview", [upload])

    [panel] = answer.context["preview"].panels
    assert [(one.variable, one.column) for one in panel.mapping] == [("text", "review")]
    assert panel.rows[0].problems == []


def test_the_format_can_be_chosen(cast: Cast, browser_of: BrowserOf) -> None:
    upload = make_upload(cast.project, b"one, two\nthree, four\n", "a.csv")

    answer = post(
        browser_of(cast.manager), cast.project, "preview", [upload], **{f"format-{upload.pk}": "TXT"}
    )

    [panel] = answer.context["preview"].panels
    assert [row.cells for row in panel.rows] == [["one, two"], ["three, four"]]


def test_a_table_can_be_one_time_series(cast: Cast, browser_of: BrowserOf) -> None:
    config = """<View>
      <TimeSeriesLabels name="label" toName="ts"><Label value="Up"/></TimeSeriesLabels>
      <TimeSeries name="ts" valueType="url" value="$series" timeColumn="t"><Channel column="v"/></TimeSeries>
    </View>"""
    project = make_project(cast.owner, label_config=config)
    upload = make_upload(project, b"t,v\n1,2\n2,3\n", "a.csv")
    browser = browser_of(cast.owner)

    [found] = post(browser, project, "preview", [upload]).context["preview"].panels
    as_tasks = {f"csv_as-{upload.pk}": "tasks"}
    [chosen] = post(browser, project, "preview", [upload], **as_tasks).context["preview"].panels
    post(browser, project, "start", [upload])

    assert (found.options.csv_as, [row.cells for row in found.rows]) == ("time series", [[upload.url]])
    assert (chosen.options.csv_as, chosen.bad_rows) == ("tasks", 2)
    assert [task.data for task in project.tasks.all()] == [{"series": upload.url}]


def test_a_file_that_cannot_be_read_says_why_and_bars_the_import(cast: Cast, browser_of: BrowserOf) -> None:
    upload = make_upload(cast.project, bytes(range(256)), "noise.bin")

    answer = post(browser_of(cast.manager), cast.project, "preview", [upload])

    assert answer.context["preview"].panels[0].error == (
        "noise.bin: The file is of no format that can be imported."
    )
    assert not answer.context["preview"].is_importable


def test_a_file_can_be_left_out_and_is_deleted(cast: Cast, browser_of: BrowserOf) -> None:
    uploads = [make_upload(cast.project, b"text\na\n", name) for name in ("a.csv", "b.csv")]

    answer = post(browser_of(cast.manager), cast.project, "preview", uploads, without=uploads[0].pk)

    assert answer.context["preview"].ids == str(uploads[1].pk)
    assert list(Upload.objects.all()) == [uploads[1]]


def test_uploads_of_other_projects_are_not_shown(cast: Cast, browser_of: BrowserOf) -> None:
    foreign = make_upload(make_project(cast.stranger), b"text\nsecret\n", "secret.csv")

    answer = post(browser_of(cast.manager), cast.project, "preview", [foreign])

    assert answer.context["preview"].uploads == []
    assert "secret" not in answer.content.decode()


def test_pictures_are_shown_together(cast: Cast, browser_of: BrowserOf) -> None:
    config = '<View><Image name="i" value="$image"/><Choices name="c" toName="i"><Choice value="a"/></Choices></View>'
    project = make_project(cast.owner, label_config=config)
    uploads = [make_upload(project, make_picture(), f"{number}.png") for number in range(3)]

    answer = post(browser_of(cast.owner), project, "preview", uploads)

    assert answer.context["preview"].media == uploads
    assert answer.context["preview"].panels == []
    assert f'src="{uploads[0].url}"' in answer.content.decode()


def test_pictures_that_nothing_shows_are_refused_before_they_are_imported(
    cast: Cast, browser_of: BrowserOf
) -> None:
    project = make_project(cast.owner, label_config=TWO_TEXTS)
    upload = make_upload(project, make_picture(), "a.png")

    answer = post(browser_of(cast.owner), project, "preview", [upload])

    assert "none of them is shown by a tag for image" in answer.context["preview"].media_error


# --- Starting -----------------------------------------------------------------------------------------------


def test_a_small_import_is_done_when_the_page_answers(cast: Cast, browser_of: BrowserOf) -> None:
    uploads = [
        make_upload(cast.project, b"review\nFine\n", "a.csv"),
        make_upload(cast.project, b'{"text": "b"}', "b.json"),
    ]

    answer = post(browser_of(cast.manager), cast.project, "start", uploads)

    row = last_import(cast.project)
    assert json.loads(answer["HX-Trigger"]) == {"imports:changed": {}}
    assert "Imported <strong>2 tasks</strong>" in answer.content.decode()
    assert [task.data["text"] for task in row.tasks.order_by("pk")] == ["Fine", "b"]
    assert row.created_by == cast.manager


def test_a_large_import_becomes_a_job_that_says_that_no_worker_runs(
    cast: Cast, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_start, "AT_ONCE_BYTES", 10)
    upload = make_upload(cast.project, b'[{"text": "one too many"}]')

    answer = post(browser_of(cast.manager), cast.project, "start", [upload])

    row = last_import(cast.project)
    assert row.job is not None
    assert row.job.status == JobStatus.QUEUED
    assert f'hx-get="/projects/{cast.project.pk}/imports/{row.pk}"' in answer.content.decode()
    assert "Queued: no worker is running." in answer.content.decode()
    assert cast.project.tasks.count() == 3


def test_bad_rows_are_skipped_when_the_import_is_repeated_so(cast: Cast, browser_of: BrowserOf) -> None:
    upload = make_upload(cast.project, b'[{"text": "good"}, {"txt": "bad"}]')
    browser = browser_of(cast.manager)

    refused = post(browser, cast.project, "start", [upload])
    assert "Nothing was imported" in refused.content.decode()
    assert cast.project.tasks.count() == 3

    row = last_import(cast.project)
    address = f"/projects/{cast.project.pk}/imports/{row.pk}/again"
    answer = browser.post(address, {"on_error": "skip"}, headers=HTMX)

    assert cast.project.tasks.count() == 4
    assert last_import(cast.project).bad_row_count == 1
    assert "1 bad row was left out" in " ".join(answer.content.decode().split())


def test_options_are_kept_with_the_import(cast: Cast, browser_of: BrowserOf) -> None:
    upload = make_upload(cast.project, b"text,key\na,1\nb,1\n", "a.csv")

    post(
        browser_of(cast.manager), cast.project, "start", [upload], dedupe="key", external_id_key="text", on_error="skip"
    )  # fmt: skip

    row = last_import(cast.project)
    assert (row.task_count, row.duplicate_count) == (1, 1)
    assert row.options["files"][upload.file]["format"] == "CSV"
    assert [task.external_id for task in row.tasks.all()] == ["a"]


def test_a_wrong_option_is_told_beside_the_preview(cast: Cast, browser_of: BrowserOf) -> None:
    upload = make_upload(cast.project, b"text\na\n", "a.csv")

    answer = post(browser_of(cast.manager), cast.project, "start", [upload], on_error="explode")

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["on_error"]
    assert Import.objects.count() == 1, "that of the cast"


def test_an_import_without_files_is_refused(cast: Cast, browser_of: BrowserOf) -> None:
    answer = post(browser_of(cast.manager), cast.project, "start", [])

    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == ["There is no file to import. Send at least one."]


# --- Past imports -------------------------------------------------------------------------------------------


def test_past_imports_tell_what_is_left_of_them(cast: Cast, browser_of: BrowserOf) -> None:
    tasks = make_tasks(cast.project, [{"text": "a"}, {"text": "b"}, {"text": "c"}])
    make_completion(tasks[0], cast.annotator)
    tasks[2].delete()
    make_import_with_a_bad_row(cast.project)

    answer = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/import")

    facts = [
        (one.row.task_count, one.still_there, one.labeled, one.row.bad_row_count)
        for one in answer.context["imports"]
    ]
    assert facts == [(1, 1, 0, 1), (3, 2, 1, 0), (3, 3, 0, 0)]


def test_the_list_costs_the_same_for_one_import_and_for_ten(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)
    browser.get(f"/projects/{cast.project.pk}/import")
    with CaptureQueriesContext(connection) as few:
        browser.get(f"/projects/{cast.project.pk}/import")
    for number in range(9):
        make_tasks(cast.project, [{"text": str(number)}])
    with CaptureQueriesContext(connection) as many:
        browser.get(f"/projects/{cast.project.pk}/import")

    assert len(many) == len(few)


def test_imports_are_listed_in_pages(cast: Cast, browser_of: BrowserOf) -> None:
    for number in range(11):
        make_tasks(cast.project, [{"text": str(number)}])

    answer = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/import?page=2")

    assert len(answer.context["imports"]) == 2


def test_undo_asks_with_the_counts_first(cast: Cast, browser_of: BrowserOf) -> None:
    tasks = make_tasks(cast.project, [{"text": "a"}, {"text": "b"}, {"text": "c"}])
    make_completion(tasks[0], cast.annotator)
    address = f"/projects/{cast.project.pk}/imports/{last_import(cast.project).pk}/undo"

    asked = " ".join(browser_of(cast.manager).get(address).content.decode().split())
    answer = browser_of(cast.manager).post(address, follow=True)

    assert "<strong>2 tasks go</strong>" in asked
    assert "<strong>1 stays because it is labeled</strong>" in asked
    assert answer.context["shown"].state == "being undone"
    assert cast.project.tasks.count() == 6, "a worker does it"


def test_an_import_that_is_undone_says_what_stayed(cast: Cast, browser_of: BrowserOf) -> None:
    make_tasks(cast.project, [{"text": "a"}])
    row = last_import(cast.project)
    start_undo(row=row, requested_by=cast.manager)

    answer = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/imports/{row.pk}")

    assert "Being undone" in answer.content.decode()
    assert not answer.context["shown"].may_be_undone


@pytest.mark.django_db(transaction=True)
def test_a_row_that_was_read_before_its_undoing_ended_is_asked_for_again(
    cast: Cast,
) -> None:
    make_tasks(cast.project, [{"text": "a"}])
    read_before = last_import(cast.project)
    job = start_undo(row=read_before, requested_by=cast.manager)
    run(job_id=job.pk, worker="tests")

    [shown] = shown_imports([read_before])
    [read_again] = shown_imports([last_import(cast.project)])

    assert shown.is_moving
    assert read_again.state == "undone"


def test_an_import_of_another_project_is_not_found(cast: Cast, browser_of: BrowserOf) -> None:
    make_project(cast.stranger, tasks=1)
    foreign = Import.objects.exclude(project=cast.project).get()

    answer = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/imports/{foreign.pk}")

    assert answer.status_code == 404


def test_a_file_name_and_rows_are_never_html(cast: Cast, browser_of: BrowserOf) -> None:
    upload = make_upload(cast.project, b"text,<b>x</b>\n<script>1</script>,2\n", "<img src=x>.csv")

    answer = post(browser_of(cast.manager), cast.project, "preview", [upload]).content.decode()

    assert "<script>1" not in answer
    assert "<img src=x>" not in answer
    assert "<b>x</b>" not in answer
