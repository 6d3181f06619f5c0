"""A result that does not fit the labeling config is stored with warnings, or refused where the project is strict."""

from __future__ import annotations

import pytest

from apps.completions.checking import MAX_WARNINGS
from apps.completions.models import Completion
from apps.completions.services import create_completion, update_completion
from apps.core.errors import ValidationFailed
from apps.projects.services import update_project
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_project, make_tasks, owner_of


@pytest.fixture
def task(cast) -> Task:
    task: Task = Task.objects.order_by("pk")[0]
    return task


def test_a_result_that_fits_has_no_warnings(cast, task):
    assert make_completion(task, cast.annotator).warnings == []


def test_a_result_that_does_not_fit_is_stored_with_warnings(cast, task):
    completion = make_completion(task, cast.annotator, result=choice("Nothing"))
    stored = Completion.objects.get(pk=completion.pk)
    assert stored.result == choice("Nothing")
    assert len(stored.warnings) == 1
    assert stored.warnings[0].startswith("result[0]")


def test_an_update_judges_the_new_result_by_the_config_of_now(cast, task):
    completion = make_completion(task, cast.annotator, result=choice("Nothing"))
    config = cast.project.label_config.replace("Negative", "Nothing")
    update_project(project_id=cast.project.pk, label_config=config)
    update_completion(completion_id=completion.pk, updated_by=cast.annotator, ground_truth=True)
    assert Completion.objects.get().config_version == 1, "what was not sent is not judged again"
    update_completion(completion_id=completion.pk, updated_by=cast.annotator, result=choice("Nothing"))
    stored = Completion.objects.get()
    assert (stored.config_version, stored.warnings) == (2, [])


def test_a_skip_lacks_nothing(cast, task):
    config = cast.project.label_config.replace('toName="text"', 'toName="text" required="true"')
    update_project(project_id=cast.project.pk, label_config=config)
    skip = make_completion(task, cast.annotator, result=[], was_cancelled=True)
    empty = make_completion(task, cast.reviewer, result=[])
    assert (skip.warnings, len(empty.warnings)) == ([], 1)


def test_a_strict_project_refuses_and_names_each_place(cast, task):
    update_project(project_id=cast.project.pk, strict_results=True)
    wrong = [*choice("Nothing"), {**choice()[0], "from_name": "nobody"}]
    with pytest.raises(ValidationFailed) as refusal:
        create_completion(task_id=task.pk, completed_by=cast.annotator, result=wrong)
    assert len(refusal.value.fields["result"]) == 2
    assert not Completion.objects.exists()
    completion = make_completion(task, cast.annotator)
    with pytest.raises(ValidationFailed):
        update_completion(completion_id=completion.pk, updated_by=cast.annotator, result=wrong)
    assert Completion.objects.get().result == choice()


def test_thousands_of_misfits_are_told_by_the_first_hundred(cast, task):
    completion = make_completion(task, cast.annotator, result=choice("Nothing") * 1_000)
    assert len(completion.warnings) == MAX_WARNINGS


def test_the_texts_that_the_editor_leaves_out_of_dialogues_are_filled_in(db):
    config = (
        '<View><Paragraphs name="talk" value="$talk"/><ParagraphLabels name="part" toName="talk">'
        '<Label value="Greeting"/></ParagraphLabels></View>'
    )
    project = make_project(label_config=config)
    (task,) = make_tasks(project, [{"talk": [{"author": "Ada", "text": "Good morning, Charles"}]}])
    value = {
        "start": "0",
        "end": "0",
        "startOffset": 0,
        "endOffset": 12,
        "text": "",
        "paragraphlabels": ["Greeting"],
    }
    item = {"id": "p", "from_name": "part", "to_name": "talk", "type": "paragraphlabels", "value": value}
    completion = make_completion(task, owner_of(project), result=[item])
    assert completion.result[0]["value"]["text"] == "Good morning"
