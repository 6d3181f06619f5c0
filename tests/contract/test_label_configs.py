"""Labeling configs over the API: what saving one would break, earlier versions, sample tasks."""

from __future__ import annotations

import json

import pytest

from apps.completions.models import Completion
from apps.jobs.models import Job
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.factories import CHOICES_CONFIG, choice, make_completion

WITHOUT_POSITIVE = CHOICES_CONFIG.replace('<Choice value="Positive"/>', '<Choice value="Good"/>')
BROKEN = "<View>\n  <Txt/>\n</View>"


@pytest.fixture
def answered(cast):
    """The cast's project, with one completion that says Positive."""
    make_completion(Task.objects.order_by("pk")[0], cast.annotator)
    return cast.project


def test_a_config_that_breaks_completions_is_refused_with_what_it_breaks(cast, api, answered):
    response = api(cast.manager).patch(f"/api/projects/{answered.pk}", {"label_config": WITHOUT_POSITIVE})
    body = response.json()
    assert (response.status_code, body["status_code"]) == (400, 400)
    assert body["validation_errors"]["label_config"] == [body["detail"]]
    assert body["detail"].startswith("Created annotations are incompatible with this labeling config: ")
    assert body["impact"]["effects"] == [
        {
            "kind": "label_removed",
            "control": "sentiment",
            "label": "Positive",
            "completions": 1,
            "regions": 1,
            "suggested": "Good",
            "message": 'The label "Positive" of "sentiment" is gone; it is used in 1 completion (1 region).',
        }
    ]
    assert body["impact"]["suggested_renames"]["labels"] == {"sentiment": {"Positive": "Good"}}
    assert Project.objects.get(pk=answered.pk).label_config == CHOICES_CONFIG


@pytest.mark.parametrize("place", ["query", "body"])
def test_one_may_keep_the_completions_as_they_are(cast, api, answered, place):
    address, body = f"/api/projects/{answered.pk}/", {"label_config": WITHOUT_POSITIVE}
    if place == "query":
        address += "?on_config_impact=keep"
    else:
        body["on_config_impact"] = "keep"
    response = api(cast.manager).patch(address, body)
    assert response.status_code == 200
    assert (response.json()["config_version"], response.json()["relabeling_job"]) == (2, None)
    assert Completion.objects.get().config_version == 1


def test_renames_are_saved_and_become_a_job(cast, api, answered):
    response = api(cast.manager).patch(
        f"/api/projects/{answered.pk}/",
        {"label_config": WITHOUT_POSITIVE, "renames": {"labels": {"sentiment": {"Positive": "Good"}}}},
    )
    assert response.status_code == 200
    job = Job.objects.get(pk=response.json()["relabeling_job"])
    assert (job.kind, job.project, job.created_by) == ("relabeling", answered, cast.manager)


@pytest.mark.parametrize(
    "decision",
    [
        {"on_config_impact": "break"},
        {"on_config_impact": ["keep"]},
        {"renames": "Positive"},
        {"renames": {"labels": {"sentiment": {"Positive": 1}}}},
        {"renames": {"controls": {"sentiment": "nowhere"}}},
        {"config_note": "x" * 201},
    ],
)
def test_a_decision_of_another_shape_is_a_400_and_changes_nothing(cast, api, answered, decision):
    response = api(cast.manager).patch(
        f"/api/projects/{answered.pk}/", {"label_config": WITHOUT_POSITIVE, **decision}
    )
    assert response.status_code == 400
    assert next(iter(decision)) in response.json()["validation_errors"]
    assert Project.objects.get(pk=answered.pk).config_version == 1


def test_validating_tells_what_would_change_and_break_and_saves_nothing(cast, api, answered):
    address = f"/api/projects/{answered.pk}/validate/"
    same = api(cast.manager).post(address, {"label_config": CHOICES_CONFIG.replace("<View>", "<View >")})
    assert same.json()["config_essential_data_has_changed"] is False
    assert same.json()["impact"]["breaks"] is False
    other = api(cast.manager).post(address, {"label_config": WITHOUT_POSITIVE})
    assert other.status_code == 200
    assert other.json()["config_essential_data_has_changed"] is True
    assert other.json()["impact"]["breaks"] is True
    assert other.json()["warnings"] == []
    renamed = api(cast.manager).post(
        address,
        {"label_config": WITHOUT_POSITIVE, "renames": {"labels": {"sentiment": {"Positive": "Good"}}}},
    )
    assert renamed.json()["impact"]["breaks"] is False
    assert Project.objects.get(pk=answered.pk).label_config == CHOICES_CONFIG


@pytest.mark.parametrize("address", ["/api/projects/{}/validate/", "/api/projects/validate/"])
def test_a_bad_config_is_a_400_with_the_place_of_each_problem(cast, api, address):
    response = api(cast.manager).post(address.format(cast.project.pk), {"label_config": BROKEN})
    body = response.json()
    assert response.status_code == 400
    assert len(body["problems"]) == len(body["validation_errors"]["label_config"]) > 0
    assert (body["problems"][0]["line"], body["problems"][0]["column"]) == (2, 3)


@pytest.mark.parametrize("body", [{}, {"label_config": None}, {"label_config": ""}, {"label_config": 3}, []])
def test_validating_nothing_is_a_400(cast, api, body):
    response = api(cast.manager).post("/api/projects/validate/", body)
    assert response.status_code == 400
    assert "label_config" in response.json()["validation_errors"]


def test_versions_are_listed_shown_compared_and_restored(cast, api):
    client, address = api(cast.manager), f"/api/projects/{cast.project.pk}"
    client.patch(address, {"label_config": WITHOUT_POSITIVE, "config_note": "Shorter words"})
    listed = client.get(f"{address}/config-versions/").json()
    assert [(version["number"], version["note"]) for version in listed] == [(2, "Shorter words"), (1, "")]
    shown = client.get(f"{address}/config-versions/2/").json()
    assert (shown["label_config"], shown["compared_with"]) == (WITHOUT_POSITIVE, 1)
    assert '+    <Choice value="Good"/>' in shown["diff"].splitlines()
    assert client.get(f"{address}/config-versions/2?from=2").json()["diff"] == ""
    restored = client.post(f"{address}/config-versions/1/restore/")
    assert (restored.status_code, restored.json()["number"]) == (200, 3)
    assert client.get(address).json()["label_config"] == CHOICES_CONFIG


@pytest.mark.parametrize("version", ["9", "2?from=9", "2?from=x"])
def test_versions_that_do_not_exist_are_told(cast, api, version):
    api(cast.manager).patch(f"/api/projects/{cast.project.pk}", {"label_config": WITHOUT_POSITIVE})
    response = api(cast.manager).get(f"/api/projects/{cast.project.pk}/config-versions/{version}")
    assert response.status_code in (400, 404)


def test_a_strict_project_refuses_results_that_do_not_fit(cast, api):
    api(cast.manager).patch(f"/api/projects/{cast.project.pk}", {"strict_results": True})
    task = Task.objects.order_by("pk")[0]
    response = api(cast.annotator).post(f"/api/tasks/{task.pk}/annotations/", {"result": choice("Nothing")})
    assert response.status_code == 400
    assert response.json()["validation_errors"]["result"][0].startswith("result[0]")
    assert not Completion.objects.exists()


def test_a_sample_task_shows_what_the_config_reads(cast, api):
    project = api(cast.viewer).get(f"/api/projects/{cast.project.pk}/sample-task/").json()
    assert list(project["sample_task"]) == ["text"]
    config = '<View><Image name="image" value="$picture"/><Rating name="stars" toName="image"/></View>'
    other = api(cast.stranger).post("/api/labeling/sample-task/", {"label_config": config})
    assert list(other.json()["sample_task"]) == ["picture"]
    assert api(cast.stranger).post("/api/labeling/sample-task/", {"label_config": BROKEN}).status_code == 400


@pytest.mark.parametrize("format", ["json", "jsonl", "csv", "tsv", "txt"])
def test_an_example_to_import_comes_as_a_file(cast, api, format):
    response = api(cast.viewer).get(f"/api/projects/{cast.project.pk}/import-example?format={format}")
    assert response.status_code == 200
    assert response["Content-Disposition"].endswith(f'-example.{format}"')
    assert response.content


def test_the_example_can_be_imported(cast, api):
    client, address = api(cast.manager), f"/api/projects/{cast.project.pk}"
    rows = json.loads(client.get(f"{address}/import-example").content)
    imported = client.post(f"{address}/import", rows)
    assert (imported.status_code, imported.json()["task_count"]) == (201, 1)


def test_an_example_in_an_unknown_format_is_a_400(cast, api):
    response = api(cast.viewer).get(f"/api/projects/{cast.project.pk}/import-example?format=xml")
    assert response.status_code == 400
    assert "format" in response.json()["validation_errors"]
