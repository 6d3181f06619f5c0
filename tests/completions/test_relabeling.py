"""A job brings existing completions to the names of a later labeling config."""

from __future__ import annotations

import pytest

from apps.completions import relabeling
from apps.completions.models import Completion
from apps.completions.relabeling import follow_renames, relabel, relabeling_to
from apps.completions.renaming import renamed_result
from apps.completions.services import update_completion
from apps.jobs.models import Job
from apps.projects.models import Project
from apps.projects.renames import Renames
from apps.projects.services import update_project
from tests.completions.configs import box, boxes_config, scene
from tests.factories import make_completion, make_project, make_tasks, owner_of

TO_AUTO = Renames(labels={"box": {"Car": "Auto"}})


@pytest.fixture
def project(db) -> Project:
    """Three pictures: a car, a bus, and a car with the scene."""
    project = make_project(label_config=boxes_config("Car", "Bus"))
    tasks = make_tasks(project, [{"image": f"/{number}.jpg"} for number in range(3)])
    for task, result in zip(tasks, ([box("Car")], [box("Bus")], [box("Car", "Bus"), scene()]), strict=True):
        make_completion(task, owner_of(project), result=result)
    return project


def change(project: Project, config: str, renames: Renames) -> None:
    """Save a config with renames and do the job that follows."""
    saved = update_project(
        project_id=project.pk, changed_by=owner_of(project), label_config=config, renames=renames
    )
    do(saved)


def do(project: Project) -> int:
    """Bring the completions to the present config; return how many changed."""
    work = relabeling_to(project.pk, project.config_version, project.created_by_id)
    return [changed for _, changed in relabel(work)][-1]


def stored() -> list[tuple[list[dict], int]]:
    return list(Completion.objects.order_by("pk").values_list("result", "config_version"))


def test_labels_are_renamed_where_they_are_used(project):
    change(project, boxes_config("Auto", "Bus"), TO_AUTO)
    assert stored() == [([box("Auto")], 2), ([box("Bus")], 1), ([box("Auto", "Bus"), scene()], 2)]
    changed = Completion.objects.order_by("pk")[0]
    assert (changed.updated_by, changed.warnings) == (project.created_by, [])
    assert changed.updated_at > changed.created_at


def test_controls_and_objects_are_renamed(project):
    renames = Renames(controls={"box": "thing"}, objects={"image": "photo"})
    change(project, boxes_config("Car", "Bus", control="thing", shown="photo"), renames)
    assert [result[0] for result, _ in stored()] == [
        box("Car", control="thing", shown="photo"),
        box("Bus", control="thing", shown="photo"),
        box("Car", "Bus", control="thing", shown="photo"),
    ]
    assert stored()[2][0][1] == {**scene(), "to_name": "photo"}


def test_two_labels_that_swap_names_are_swapped_once_however_often_the_job_runs(project):
    swap = Renames(labels={"box": {"Car": "Bus", "Bus": "Car"}})
    change(project, boxes_config("Bus", "Car"), swap)
    once = stored()
    assert once == [([box("Bus")], 2), ([box("Car")], 2), ([box("Bus", "Car"), scene()], 2)]
    assert do(Project.objects.get(pk=project.pk)) == 0
    assert stored() == once


def test_two_labels_that_become_one_are_named_once(project):
    change(project, boxes_config("Vehicle"), Renames(labels={"box": {"Car": "Vehicle", "Bus": "Vehicle"}}))
    assert [result[0] for result, _ in stored()] == [box("Vehicle"), box("Vehicle"), box("Vehicle")]


def test_renames_are_taken_back_by_the_inverse(project):
    before = [result for result, _ in stored()]
    change(project, boxes_config("Auto", "Bus"), TO_AUTO)
    change(project, boxes_config("Car", "Bus"), TO_AUTO.inverse())
    assert [result for result, _ in stored()] == before


def test_a_completion_that_missed_a_version_goes_through_its_renames_too(project):
    update_project(project_id=project.pk, label_config=boxes_config("Auto", "Bus"), renames=TO_AUTO)
    second = Renames(controls={"box": "thing"}, labels={"box": {"Auto": "Machine"}})
    change(project, boxes_config("Machine", "Bus", control="thing"), second)
    assert stored() == [
        ([box("Machine", control="thing")], 3),
        ([box("Bus", control="thing")], 3),
        ([box("Machine", "Bus", control="thing"), scene()], 3),
    ]


def test_an_answer_given_under_the_new_config_is_left_alone(project):
    saved = update_project(project_id=project.pk, label_config=boxes_config("Bus", "Car"), renames=Renames(
        labels={"box": {"Car": "Bus", "Bus": "Car"}}
    ))  # fmt: skip
    first = Completion.objects.order_by("pk")[0]
    update_completion(completion_id=first.pk, updated_by=owner_of(project), result=[box("Car")])
    do(saved)
    assert stored()[0] == ([box("Car")], 2)


def test_the_work_can_stop_after_any_batch_and_go_on(project, monkeypatch):
    monkeypatch.setattr(relabeling, "BATCH", 1)
    saved = update_project(project_id=project.pk, label_config=boxes_config("Auto", "Bus"), renames=TO_AUTO)
    work = relabel(relabeling_to(project.pk, saved.config_version, None))
    assert next(work) == (1, 1)
    work.close()
    assert [version for _, version in stored()] == [2, 1, 1]
    assert do(saved) == 1
    assert [version for _, version in stored()] == [2, 1, 2]


def test_what_was_imported_under_an_earlier_config_follows_its_renames(project):
    assert follow_renames(project=project, config_version=1, imported_by=None) is None
    update_project(project_id=project.pk, label_config=boxes_config("Auto", "Bus"), renames=TO_AUTO)
    job = follow_renames(project=project, config_version=1, imported_by=owner_of(project))
    assert job is not None
    assert (job.kind, job.payload) == ("relabeling", {"project": project.pk, "config_version": 2})
    assert Job.objects.count() == 2
    assert follow_renames(project=project, config_version=2, imported_by=None) is None


@pytest.mark.parametrize(
    ("item", "renamed"),
    [
        ({"type": "relation", "from_id": "a", "to_id": "b", "labels": ["Car"]}, None),
        ({"from_name": ["box"], "type": "rectanglelabels"}, None),
        ({"from_name": "box", "type": "rectanglelabels", "value": None}, None),
        ({"from_name": "other", "type": "labels", "value": {"labels": ["Car"]}}, None),
        (
            {"from_name": "box", "type": "choices", "value": {"choices": "Car"}},
            {"from_name": "box", "type": "choices", "value": {"choices": "Auto"}},
        ),
        (
            {"from_name": "box", "type": "taxonomy", "value": {"taxonomy": [["Car", "Small"], ["Car"]]}},
            {"from_name": "box", "type": "taxonomy", "value": {"taxonomy": [["Auto", "Small"], ["Auto"]]}},
        ),
    ],
)
def test_only_what_is_a_label_of_the_control_is_renamed(item, renamed):
    assert renamed_result([item], [TO_AUTO]) == [renamed or item]


def test_a_comparison_goes_on_naming_itself(db):
    item = {"from_name": "pw", "to_name": "pw", "type": "pairwise", "value": {"selected": "left"}}
    assert renamed_result([item], [Renames(controls={"pw": "better"})]) == [
        {**item, "from_name": "better", "to_name": "better"}
    ]


def test_many_renames_at_once_find_all_they_speak_of(db):
    labels = [f"Label {number}" for number in range(300)]
    project = make_project(label_config=boxes_config(*labels))
    (task,) = make_tasks(project, [{"image": "/1.jpg"}])
    make_completion(task, owner_of(project), result=[box(label) for label in labels])
    renamed = {label: label.replace("Label", "Kind") for label in labels}
    change(project, boxes_config(*renamed.values()), Renames(labels={"box": renamed}))
    assert stored() == [([box(label) for label in renamed.values()], 2)]
