"""Projects over REST."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.models import Project
from apps.tasks.models import Task
from tests.factories import CHOICES_CONFIG, make_completion, make_project


def test_a_project_is_created_with_its_settings_and_the_caller_owns_it(cast, api):
    response = api(cast.owner).post(
        "/api/projects/",
        {
            "title": "Reviews",
            "label_config": CHOICES_CONFIG,
            "maximum_annotations": 2,
            "sampling": "Uniform sampling",
            "skip_queue": "IGNORE_SKIPPED",
            "expert_instruction": "<b>Read</b> twice",
            "control_weights": {"sentiment": {"overall": 1.0}},
        },
    )
    body = response.json()
    assert response.status_code == 201
    assert body["maximum_annotations"] == 2
    assert body["sampling"] == "uniform"
    assert body["skip_queue"] == "IGNORE_SKIPPED"
    assert body["control_weights"] == {"sentiment": {"overall": 1.0}}
    assert body["parsed_label_config"]["sentiment"]["labels"] == ["Positive", "Negative"]
    assert body["created_by"]["email"] == "owner@example.com"
    assert body["task_number"] == 0
    assert Project.objects.for_user(cast.owner).get(pk=body["id"]).my_role == "owner"


def test_a_config_with_problems_is_refused_with_all_of_them_and_nothing_is_stored(cast, api):
    before = Project.objects.count()
    response = api(cast.owner).post(
        "/api/projects", {"title": "Bad", "label_config": "<View><Txt/><Choice/></View>"}
    )
    assert response.status_code == 400
    assert response.json()["validation_errors"]["label_config"] == [
        "<Txt> is no tag of the editor. Did you mean <Text>? (line 1, column 7)",
        "<Choice> must stand inside one of <Choices>, <Taxonomy>. (line 1, column 13)",
        '<Choice> needs the attribute value, as in <Choice value="Person"/>. (line 1, column 13)',
    ]
    assert Project.objects.count() == before


def test_patching_a_project_changes_only_what_is_given(cast, api):
    response = api(cast.manager).patch(f"/api/projects/{cast.project.pk}", {"show_skip_button": False})
    assert response.json()["show_skip_button"] is False
    assert response.json()["title"] == "Sentiments"


def test_the_counters_follow_the_work(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    make_completion(first, cast.annotator)
    make_completion(second, cast.annotator, was_cancelled=True)
    body = api(cast.viewer).get(f"/api/projects/{cast.project.pk}").json()
    counters = (
        "task_number",
        "finished_task_number",
        "total_annotations_number",
        "skipped_annotations_number",
    )
    assert [body[name] for name in counters] == [3, 1, 1, 1]


def test_a_list_of_projects_costs_the_same_queries_for_one_and_for_many(cast, api):
    client = api(cast.owner)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/api/projects").status_code == 200
        return len(captured)

    client.get("/api/projects")
    one = queries()
    for _ in range(5):
        make_project(cast.owner)
    assert queries() == one == 4


def test_projects_are_found_by_ids_and_by_text(cast, api):
    other = make_project(cast.owner, title="Invoices")
    client = api(cast.owner)
    assert [row["id"] for row in client.get(f"/api/projects?ids={other.pk}").json()["results"]] == [other.pk]
    assert [row["id"] for row in client.get("/api/projects?search=invo").json()["results"]] == [other.pk]


def test_a_deleted_project_is_gone_for_everybody_at_once(cast, api):
    task = Task.objects.order_by("pk")[0]
    assert api(cast.owner).delete(f"/api/projects/{cast.project.pk}").status_code == 204
    for person in (cast.owner, cast.annotator, cast.administrator):
        assert api(person).get(f"/api/projects/{cast.project.pk}").status_code == 404
        assert api(person).get(f"/api/tasks/{task.pk}").status_code == 404
