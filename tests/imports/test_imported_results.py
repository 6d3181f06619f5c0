"""Completions that come with their tasks are judged by the labeling config as submitted ones are."""

from __future__ import annotations

import pytest

from apps.completions.models import Completion
from apps.imports.services import ImportRejected, import_rows
from apps.jobs.models import Job
from apps.projects.config_changing import OnImpact
from apps.projects.renames import Renames
from apps.projects.services import update_project
from apps.tasks.models import Task
from tests.factories import CHOICES_CONFIG, choice, make_completion, make_project, make_tasks, owner_of

pytestmark = pytest.mark.django_db

DIALOGUE = """
<View>
  <Paragraphs name="talk" value="$talk" layout="dialogue"/>
  <ParagraphLabels name="tone" toName="talk"><Label value="Friendly"/></ParagraphLabels>
</View>
"""


def _row(result):
    return {"data": {"text": "a"}, "annotations": [{"result": result}]}


def test_what_does_not_fit_the_config_is_kept_with_its_warnings():
    project = make_project()

    make_tasks(project, [_row(choice("Furious"))])

    completion = Completion.objects.get(project=project)
    assert completion.result == choice("Furious")
    assert completion.config_version == 1
    assert "Furious" in completion.warnings[0]


def test_a_strict_project_refuses_it_and_says_where():
    project = make_project(strict_results=True)

    with pytest.raises(ImportRejected) as error:
        make_tasks(project, [_row(choice()), _row(choice("Furious"))])

    assert error.value.bad_rows == 1
    assert error.value.fields["tasks"][0].startswith("Row 2: annotations[0].result[0]")
    assert Task.objects.filter(project=project).count() == 0


def test_the_text_that_the_editor_leaves_out_of_paragraphs_is_filled_in():
    project = make_project(label_config=DIALOGUE)
    region = {
        "id": "r1", "from_name": "tone", "to_name": "talk", "type": "paragraphlabels",
        "value": {
            "start": "0", "end": "0", "startOffset": 0, "endOffset": 5, "text": "",
            "paragraphlabels": ["Friendly"],
        },
    }  # fmt: skip

    make_tasks(
        project,
        [{"data": {"talk": [{"author": "A", "text": "Hello you"}]}, "annotations": [{"result": [region]}]}],
    )

    assert Completion.objects.get(project=project).result[0]["value"]["text"] == "Hello"


def test_names_that_changed_while_the_import_was_read_are_followed_by_a_job():
    project = make_project()
    owner = owner_of(project)
    make_completion(make_tasks(project, [{"text": "before"}])[0], owner)
    renames = Renames(labels={"sentiment": {"Positive": "Good"}})

    def rows():
        yield _row(choice("Positive"))
        update_project(
            project_id=project.pk, changed_by=owner, on_impact=OnImpact.KEEP, renames=renames,
            label_config=CHOICES_CONFIG.replace("Positive", "Good"),
        )  # fmt: skip

    import_rows(project=project, rows=rows(), created_by=owner)

    assert Job.objects.filter(kind="relabeling").count() == 2
