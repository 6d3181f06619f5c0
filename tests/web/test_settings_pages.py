"""The settings pages: each saves its own part, says what is wrong, and explains itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Entry
from apps.jobs.models import Job
from apps.projects.models import Project
from apps.projects.serializers import ProjectSerializer
from apps.web.api_examples import SETTING_NAMES
from apps.web.forms.project_settings import GeneralForm, InstructionsForm, LabelingForm, TaskOrderForm
from tests.cast import Cast
from tests.factories import CHOICES_CONFIG, choice, make_tasks

BrowserOf = Callable[[User | None], Client]
TASK_ORDER = {"sampling": "uniform", "overlap": "2", "skip_rule": "ignore_skipped", "show_predictions": "on",
              "strict_results": "on", "show_completions_to_annotators": "on", "handing_out": "assigned_first",
              "ground_truth_every": "10"}  # fmt: skip


def settings_of(cast: Cast) -> Project:
    """Return the project as it is stored now."""
    return Project.objects.get(pk=cast.project.pk)


def test_general_settings_are_saved_and_the_others_stay(cast: Cast, browser_of: BrowserOf) -> None:
    Project.objects.filter(pk=cast.project.pk).update(overlap=3, instruction="Read it.")
    sent = {"title": "Hotels", "description": "Reviews", "color": "#2E86DE"}

    answer = browser_of(cast.manager).post(f"/projects/{cast.project.pk}/settings", sent, follow=True)

    project = settings_of(cast)
    assert (project.title, project.description, project.color) == ("Hotels", "Reviews", "#2E86DE")
    assert (project.overlap, project.instruction, project.label_config) == (3, "Read it.", CHOICES_CONFIG)
    assert [str(message) for message in answer.context["messages"]] == ["The settings are saved."]


def test_a_color_that_is_not_offered_is_refused(cast: Cast, browser_of: BrowserOf) -> None:
    sent = {"title": "Hotels", "color": "red;x"}

    answer = browser_of(cast.manager).post(f"/projects/{cast.project.pk}/settings", sent)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["color"]
    assert (settings_of(cast).title, settings_of(cast).color) == ("Sentiments", "")


def test_a_color_set_through_the_api_is_offered_and_kept(cast: Cast, browser_of: BrowserOf) -> None:
    Project.objects.filter(pk=cast.project.pk).update(color='#123abc"')
    browser = browser_of(cast.manager)

    page = browser.get(f"/projects/{cast.project.pk}/settings").content.decode()
    answer = browser.post(f"/projects/{cast.project.pk}/settings", {"title": "Hotels", "color": '#123abc"'})

    assert "#123abc&quot;, set through the API" in page
    assert 'fill="#123abc' not in page
    assert answer.status_code == 302
    assert settings_of(cast).color == '#123abc"'


def test_the_rules_of_the_queue_are_saved(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(f"/projects/{cast.project.pk}/settings/task-order", TASK_ORDER)

    project = settings_of(cast)
    assert answer["Location"] == f"/projects/{cast.project.pk}/settings/task-order"
    assert (project.sampling, project.overlap, project.skip_rule) == ("uniform", 2, "ignore_skipped")
    assert (project.show_skip_button, project.allow_empty_completions, project.show_predictions) == (
        False,
        False,
        True,
    )
    assert (project.strict_results, project.show_completions_to_annotators) == (True, True)
    assert (project.handing_out, project.ground_truth_every) == ("assigned_first", 10)
    assert Job.objects.filter(kind="queue-rules", project=project).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("overlap", "0", "Ensure this value is greater than or equal to 1."),
        ("overlap", "101", "Ensure this value is less than or equal to 100."),
        ("overlap", "two", "Enter a whole number."),
        ("handing_out", "nobody", "Select a valid choice. nobody is not one of the available choices."),
        ("ground_truth_every", "1001", "Ensure this value is less than or equal to 1000."),
        ("sampling", "backwards", "Select a valid choice. backwards is not one of the available choices."),
        ("model_version", "v9", "Select a valid choice. v9 is not one of the available choices."),
    ],
)
def test_a_wrong_rule_is_explained_beside_its_field_and_saves_none(
    cast: Cast, browser_of: BrowserOf, field: str, value: str, message: str
) -> None:
    sent = TASK_ORDER | {field: value}

    answer = browser_of(cast.manager).post(f"/projects/{cast.project.pk}/settings/task-order", sent)

    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [message]}
    assert (settings_of(cast).overlap, settings_of(cast).sampling) == (1, "sequential")
    assert not Job.objects.exists()


def test_the_model_versions_that_predicted_are_offered(cast: Cast, browser_of: BrowserOf) -> None:
    predictions = [{"result": choice(), "model_version": version} for version in ("v2", "", "v1")]
    make_tasks(cast.project, [{"data": {"text": "a"}, "predictions": predictions}])
    Project.objects.filter(pk=cast.project.pk).update(model_version="v0")
    browser = browser_of(cast.manager)
    address = f"/projects/{cast.project.pk}/settings/task-order"

    form = browser.get(address).context["form"]
    answer = browser.post(address, TASK_ORDER | {"model_version": "v2"})

    assert form.fields["model_version"].choices == [
        ("", "Any version"),
        ("v1", "v1"),
        ("v2", "v2"),
        ("v0", "v0 (no predictions yet)"),
    ]
    assert answer.status_code == 302
    assert settings_of(cast).model_version == "v2"


def test_instructions_are_saved_as_they_were_written(cast: Cast, browser_of: BrowserOf) -> None:
    sent = {"instruction": "  # Mood\r\n\r\n<b>Read</b> ", "show_instruction": "on"}

    browser_of(cast.manager).post(f"/projects/{cast.project.pk}/settings/instructions", sent)

    project = settings_of(cast)
    assert (project.instruction.split(), project.show_instruction) == (["#", "Mood", "<b>Read</b>"], True)


def test_a_change_is_in_the_audit_log_and_no_change_is_not(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)
    entries = Entry.objects.filter(action="project.changed", project_id=cast.project.pk)

    browser.post(f"/projects/{cast.project.pk}/settings", {"title": "Sentiments"})
    assert entries.count() == 0

    browser.post(f"/projects/{cast.project.pk}/settings", {"title": "Hotels"})
    entry = entries.get()
    assert (entry.actor, entry.before, entry.after) == (
        cast.manager,
        {"title": "Sentiments"},
        {"title": "Hotels"},
    )


def test_every_field_explains_itself(cast: Cast) -> None:
    forms: list[Any] = [GeneralForm, InstructionsForm]
    fields = {name: field for form in forms for name, field in form(project=cast.project).fields.items()}
    fields |= TaskOrderForm(project=cast.project, versions=[]).fields

    assert [name for name, field in fields.items() if not field.help_text] == []


def test_the_api_page_has_this_projects_addresses(cast: Cast, browser_of: BrowserOf) -> None:
    page = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/settings/api").content.decode()

    assert f"http://testserver/api/projects/{cast.project.pk}/import" in page
    assert '[{"data":{"text":"' in page.replace("&quot;", '"')


def test_the_settings_that_the_api_page_names_are_settings_of_the_api() -> None:
    assert {name for _, name in SETTING_NAMES} <= ProjectSerializer().fields.keys()


def test_every_setting_of_the_pages_is_named_on_the_api_page(cast: Cast) -> None:
    forms: list[Any] = [GeneralForm, InstructionsForm, LabelingForm]
    fields = {field.label or name.capitalize() for form in forms for name, field in form.base_fields.items()}
    fields |= {str(field.label) for field in TaskOrderForm.base_fields.values()}

    assert fields == {label for label, _ in SETTING_NAMES}


def test_who_may_not_delete_is_told_who_may(cast: Cast, browser_of: BrowserOf) -> None:
    address = f"/projects/{cast.project.pk}/settings/danger"

    assert "Only an owner may delete" in browser_of(cast.manager).get(address).content.decode()
    assert "confirmed_title" in browser_of(cast.owner).get(address).content.decode()
