"""Every labeling config a project had is kept, under a number that completions name."""

from __future__ import annotations

import pytest

from apps.completions.models import Completion
from apps.core.errors import NotFound, ValidationFailed
from apps.projects.config_changing import OnImpact
from apps.projects.config_impact import ConfigBreaksAnswers
from apps.projects.config_versions import config_diff, version_for, versions_of, way_back
from apps.projects.models import ConfigVersion, Project
from apps.projects.renames import Renames
from apps.projects.services import restore_config_version, update_project
from apps.tasks.models import Task
from tests.completions.configs import boxes_config
from tests.factories import CHOICES_CONFIG, choice, make_completion, make_project

WITH_NEUTRAL = CHOICES_CONFIG.replace("</Choices>", '  <Choice value="Neutral"/>\n  </Choices>')
WITHOUT_NEGATIVE = CHOICES_CONFIG.replace('    <Choice value="Negative"/>\n', "")


def numbers(project: Project) -> list[tuple[int, str]]:
    found = ConfigVersion.objects.filter(project=project).order_by("number")
    return list(found.values_list("number", "label_config"))


def test_a_new_project_starts_with_version_1(cast):
    assert (cast.project.config_version, numbers(cast.project)) == (1, [(1, CHOICES_CONFIG)])


def test_a_changed_config_is_the_next_version(cast):
    project = update_project(
        project_id=cast.project.pk,
        changed_by=cast.manager,
        label_config=WITH_NEUTRAL,
        config_note="Third answer",
    )
    assert project.config_version == Project.objects.get(pk=project.pk).config_version == 2
    assert numbers(project) == [(1, CHOICES_CONFIG), (2, WITH_NEUTRAL)]
    version = version_for(cast.viewer, project.pk, 2)
    assert (version.created_by, version.note, version.renames) == (cast.manager, "Third answer", None)


@pytest.mark.parametrize("same", [CHOICES_CONFIG, CHOICES_CONFIG.replace("\n", "\r\n")])
def test_saving_the_same_config_makes_no_version(cast, same):
    project = update_project(project_id=cast.project.pk, title="Other title", label_config=same)
    assert (project.config_version, numbers(project)) == (1, [(1, CHOICES_CONFIG)])


def test_a_bad_config_makes_no_version_and_says_where_each_problem_is(cast):
    with pytest.raises(ValidationFailed) as refusal:
        update_project(project_id=cast.project.pk, label_config="<View>\n  <Txt/>\n</View>")
    assert numbers(cast.project) == [(1, CHOICES_CONFIG)]
    assert {"line", "column", "message"} == refusal.value.details["problems"][0].keys()
    assert refusal.value.details["problems"][0]["line"] == 2


def test_completions_name_the_version_they_were_made_with(cast):
    first, second, _ = Task.objects.order_by("pk")
    old = make_completion(first, cast.annotator)
    update_project(project_id=cast.project.pk, label_config=WITH_NEUTRAL)
    new = make_completion(second, cast.annotator, result=choice("Neutral"))
    assert dict(Completion.objects.values_list("pk", "config_version")) == {old.pk: 1, new.pk: 2}


def test_versions_are_listed_newest_first_to_members_only(cast):
    update_project(project_id=cast.project.pk, label_config=WITH_NEUTRAL)
    assert [version.number for version in versions_of(cast.project, cast.viewer)] == [2, 1]
    assert versions_of(cast.project, cast.stranger) == []
    with pytest.raises(NotFound, match="no version 1"):
        version_for(cast.stranger, cast.project.pk, 1)


def test_two_versions_differ_in_a_unified_diff(cast):
    update_project(project_id=cast.project.pk, label_config=WITH_NEUTRAL)
    first, second = (version_for(cast.viewer, cast.project.pk, number) for number in (1, 2))
    assert config_diff(first, second).splitlines() == [
        "--- version 1",
        "+++ version 2",
        "@@ -3,5 +3,6 @@",
        '   <Choices name="sentiment" toName="text">',
        '     <Choice value="Positive"/>',
        '     <Choice value="Negative"/>',
        '+    <Choice value="Neutral"/>',
        "   </Choices>",
        " </View>",
    ]
    assert config_diff(first, first) == ""


def test_restoring_makes_a_new_version_with_the_old_text(cast):
    update_project(project_id=cast.project.pk, label_config=WITH_NEUTRAL)
    project = restore_config_version(project_id=cast.project.pk, number=1, restored_by=cast.manager)
    assert (project.config_version, project.label_config) == (3, CHOICES_CONFIG)
    assert numbers(project) == [(1, CHOICES_CONFIG), (2, WITH_NEUTRAL), (3, CHOICES_CONFIG)]
    assert version_for(cast.viewer, project.pk, 3).note == "Version 1 restored"


def test_restoring_what_would_break_answers_is_refused_too(cast):
    update_project(project_id=cast.project.pk, label_config=WITH_NEUTRAL)
    make_completion(Task.objects.order_by("pk")[0], cast.annotator, result=choice("Neutral"))
    with pytest.raises(ConfigBreaksAnswers):
        restore_config_version(project_id=cast.project.pk, number=1, restored_by=cast.manager)
    assert len(numbers(cast.project)) == 2
    kept = restore_config_version(
        project_id=cast.project.pk, number=1, restored_by=cast.manager, on_impact=OnImpact.KEEP
    )
    assert kept.config_version == 3


def test_restoring_over_renames_suggests_the_way_back(cast):
    make_completion(Task.objects.order_by("pk")[0], cast.annotator, result=choice("Negative"))
    renamed = CHOICES_CONFIG.replace("Negative", "Opposed").replace("sentiment", "stance")
    renames = Renames(controls={"sentiment": "stance"}, labels={"sentiment": {"Negative": "Opposed"}})
    update_project(project_id=cast.project.pk, label_config=renamed, renames=renames)
    assert way_back(cast.project.pk, 1) == Renames(
        controls={"stance": "sentiment"}, labels={"stance": {"Opposed": "Negative"}}
    )


def test_renames_of_several_versions_are_taken_back_in_one_step(db):
    project = make_project(label_config=boxes_config("Car", "Bus"))
    update_project(
        project_id=project.pk,
        label_config=boxes_config("Vehicle", "Bus"),
        renames=Renames(labels={"box": {"Car": "Vehicle"}}),
    )
    update_project(
        project_id=project.pk,
        label_config=boxes_config("Transport", "Bus", control="thing"),
        renames=Renames(controls={"box": "thing"}, labels={"box": {"Vehicle": "Transport"}}),
    )
    back = way_back(project.pk, 1)
    assert (back.control("thing"), back.label("thing", "Transport"), back.label("thing", "Bus")) == (
        "box",
        "Car",
        "Bus",
    )
