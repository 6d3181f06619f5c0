"""Before a labeling config is saved, one is told what it breaks, and decides."""

from __future__ import annotations

import pytest

from apps.completions.models import Completion
from apps.core.errors import ValidationFailed
from apps.projects.config_changing import OnImpact
from apps.projects.config_impact import (
    ConfigBreaksAnswers,
    ControlChanged,
    ControlMissing,
    LabelRemoved,
    VariableMissing,
    impact_of,
)
from apps.projects.models import Project
from apps.projects.renames import Renames, read_renames
from apps.projects.services import update_project
from apps.tasks.models import Task
from tests.completions.configs import box, boxes_config, scene
from tests.factories import make_completion, make_project, make_tasks, owner_of

CARS = boxes_config("Car", "Bus", "Dog")


@pytest.fixture
def project(db) -> Project:
    """Three pictures, two of them answered: boxes of cars and of a bus, one scene."""
    project = make_project(label_config=CARS)
    tasks = make_tasks(project, [{"image": f"/{number}.jpg"} for number in range(3)])
    make_completion(tasks[0], owner_of(project), result=[box("Car"), box("Car", "Bus"), scene()])
    make_completion(tasks[1], owner_of(project), result=[box("Car")])
    return project


def test_labels_in_use_that_are_removed_are_counted(project):
    impact = impact_of(project, boxes_config("Dog"))
    assert impact.effects == (
        LabelRemoved("box", "Car", completions=2, regions=3),
        LabelRemoved("box", "Bus", completions=1, regions=1),
    )
    assert impact.breaks
    assert impact.is_complete


def test_a_label_that_nobody_used_may_go(project):
    impact = impact_of(project, boxes_config("Car", "Bus"))
    assert (impact.effects, impact.breaks, impact.changes_essentials) == ((), False, True)


def test_a_config_that_only_looks_different_changes_nothing_essential(project):
    impact = impact_of(project, CARS.replace("<View>", '<View style="display: flex">'))
    assert (impact.effects, impact.changes_essentials) == ((), False)


def test_a_renamed_control_is_missing_and_its_new_name_suggested(project):
    impact = impact_of(project, boxes_config("Car", "Bus", "Dog", control="thing"))
    assert impact.effects == (ControlMissing("box", completions=2, regions=3, suggested="thing"),)
    assert impact.suggested_renames == Renames(controls={"box": "thing"})


def test_a_renamed_label_is_suggested(project):
    impact = impact_of(project, boxes_config("Cars", "Bus", "Dog"))
    assert impact.effects == (LabelRemoved("box", "Car", 2, 3, suggested="Cars"),)
    assert impact.suggested_renames == Renames(labels={"box": {"Car": "Cars"}})


def test_a_control_of_another_type_is_told(project):
    impact = impact_of(project, boxes_config("Car", "Bus", "Dog", tag="PolygonLabels"))
    assert impact.effects == (
        ControlChanged("box", "type", "RectangleLabels", "PolygonLabels", completions=2),
    )


def test_a_control_about_another_object_is_told(project):
    impact = impact_of(project, boxes_config("Car", "Bus", "Dog", shown="photo"))
    assert impact.effects == (
        ControlChanged("box", "toName", "image", "", completions=2),
        ControlChanged("scene", "toName", "image", "", completions=1),
    )
    renamed = impact_of(
        project, boxes_config("Car", "Bus", "Dog", shown="photo"), Renames(objects={"image": "photo"})
    )
    assert not renamed.breaks


def test_a_key_that_tasks_lack_is_counted(project):
    make_tasks(project, [{"image": "/4.jpg", "picture": "/4.jpg"}])
    impact = impact_of(project, CARS.replace("$image", "$picture"))
    assert impact.effects == (VariableMissing("picture", tasks=3),)


def test_renames_that_are_given_break_nothing(project):
    renames = Renames(controls={"box": "thing"}, labels={"box": {"Car": "Auto"}})
    new = boxes_config("Auto", "Bus", "Dog", control="thing")
    assert impact_of(project, new, renames).effects == ()
    assert len(impact_of(project, boxes_config("Auto", "Dog", control="thing"), renames).effects) == 1


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"controls": {"box": "nowhere"}}, "no control of that name"),
        ({"controls": {"box": "scene"}}, "store different answers"),
        ({"labels": {"box": {"Car": "Nothing"}}}, "no such label"),
        ({"labels": {"nowhere": {"Car": "Bus"}}}, 'no control "nowhere"'),
        ({"objects": {"image": "nowhere"}}, "no object of that name"),
    ],
)
def test_renames_that_lead_nowhere_are_refused(project, document, words):
    with pytest.raises(ValidationFailed, match=words):
        impact_of(project, CARS, read_renames(document))


@pytest.mark.parametrize(
    "document",
    [[], "box", {"control": {}}, {"labels": {"box": ["Car"]}}, {"controls": {"box": 1}}, {"labels": 3}],
)
def test_renames_of_another_shape_are_refused(document):
    with pytest.raises(ValidationFailed, match="renames"):
        read_renames(document)


def test_saving_what_breaks_answers_is_refused_with_the_impact(project):
    with pytest.raises(ConfigBreaksAnswers) as refusal:
        update_project(project_id=project.pk, title="Other", label_config=boxes_config("Bus", "Dog"))
    assert refusal.value.impact.effects == (LabelRemoved("box", "Car", 2, 3),)
    assert "Created annotations are incompatible" in refusal.value.fields["label_config"][0]
    stored = Project.objects.get(pk=project.pk)
    assert (stored.title, stored.label_config, stored.config_version) == ("Sentiments", CARS, 1)


def test_keeping_saves_the_config_and_leaves_the_completions_alone(project):
    before = list(Completion.objects.order_by("pk").values_list("result", "config_version", "updated_at"))
    saved = update_project(
        project_id=project.pk, label_config=boxes_config("Bus", "Dog"), on_impact=OnImpact.KEEP
    )
    assert (saved.config_version, saved.relabeling_job) == (2, None)
    after = list(Completion.objects.order_by("pk").values_list("result", "config_version", "updated_at"))
    assert after == before


def test_what_was_kept_once_does_not_come_up_again(project):
    update_project(project_id=project.pk, label_config=boxes_config("Bus", "Dog"), on_impact=OnImpact.KEEP)
    saved = update_project(project_id=project.pk, label_config=boxes_config("Bus", "Dog", "Cat"))
    assert saved.config_version == 3


def test_a_decision_that_is_none_is_refused(project):
    with pytest.raises(ValidationFailed, match="refuse, keep"):
        update_project(project_id=project.pk, label_config=CARS, on_impact="break")


def test_renames_need_the_config_they_lead_to(project):
    with pytest.raises(ValidationFailed, match="label_config"):
        update_project(project_id=project.pk, renames=Renames(labels={"box": {"Car": "Bus"}}))


def test_the_impact_takes_three_reads(project, django_assert_num_queries):
    new = boxes_config("Dog", control="thing").replace("$image", "$picture")
    with django_assert_num_queries(3 * len(("savepoint", "read", "rollback", "release"))):
        impact_of(project, new)
    with django_assert_num_queries(0):
        impact_of(project, boxes_config("Car", "Bus", "Dog", "Cat"))


def test_an_entry_of_a_taxonomy_is_found_in_the_paths_that_hold_it(db):
    kinds = (
        '<View><Text name="text" value="$text"/><Taxonomy name="kind" toName="text"><Choice value="Animal">'
        '<Choice value="Bird"/><Choice value="Fish"/></Choice></Taxonomy></View>'
    )
    project = make_project(label_config=kinds, tasks=1)
    value = {"taxonomy": [["Animal", "Bird"]]}
    item = {"from_name": "kind", "to_name": "text", "type": "taxonomy", "value": value}
    make_completion(Task.objects.get(), owner_of(project), result=[item])
    assert impact_of(project, kinds.replace('<Choice value="Bird"/>', "")).effects == (
        LabelRemoved("kind", "Bird", completions=1, regions=1),
    )
    assert impact_of(project, kinds.replace('<Choice value="Fish"/>', "")).effects == ()


def test_names_with_quotes_and_emoji_are_counted_as_they_are(db):
    odd = "it's &quot;odd&quot; 🦉 \\ $x"
    project = make_project(label_config=boxes_config(odd, "Dog"))
    (task,) = make_tasks(project, [{"image": "/1.jpg"}])
    label = odd.replace("&quot;", '"')
    make_completion(task, owner_of(project), result=[box(label)])
    assert impact_of(project, boxes_config("Dog")).effects == (LabelRemoved("box", label, 1, 1),)
