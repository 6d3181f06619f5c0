"""Every setting of the settings pages over REST: the same names, the same rules."""

from __future__ import annotations

from typing import Any

import pytest

from apps.projects.models import Project

SETTINGS: list[tuple[str, Any, str, Any]] = [
    ("title", "Hotels", "title", "Hotels"),
    ("description", "Reviews", "description", "Reviews"),
    ("color", "#2E86DE", "color", "#2E86DE"),
    ("expert_instruction", "# Read\n**twice**", "instruction", "# Read\n**twice**"),
    ("show_instruction", True, "show_instruction", True),
    ("show_skip_button", False, "show_skip_button", False),
    ("enable_empty_annotation", False, "allow_empty_completions", False),
    ("strict_results", True, "strict_results", True),
    ("show_completions_to_annotators", True, "show_completions_to_annotators", True),
    ("show_collab_predictions", False, "show_predictions", False),
    ("model_version", "bert-2", "model_version", "bert-2"),
    ("sampling", "prediction-score-min", "sampling", "prediction-score-min"),
    ("maximum_annotations", 3, "overlap", 3),
    ("skip_queue", "REQUEUE_FOR_ME", "skip_rule", "requeue_for_me"),
    ("handing_out", "assigned_first", "handing_out", "assigned_first"),
    ("ground_truth_every", 10, "ground_truth_every", 10),
]
"""Field of the API, what is sent, the setting, what is stored."""


@pytest.mark.parametrize(("field", "sent", "setting", "stored"), SETTINGS)
def test_a_setting_is_changed_and_read_back(cast, api, field, sent, setting, stored):
    answer = api(cast.manager).patch(f"/api/projects/{cast.project.pk}/", {field: sent})

    assert answer.status_code == 200
    assert answer.json()[field] == sent
    assert getattr(Project.objects.get(pk=cast.project.pk), setting) == stored
    assert api(cast.annotator).get(f"/api/projects/{cast.project.pk}/").json()[field] == sent


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("title", "ab"),
        ("title", "x" * 256),
        ("color", "x" * 17),
        ("show_instruction", "perhaps"),
        ("model_version", "x" * 256),
        ("sampling", "backwards"),
        ("maximum_annotations", 0),
        ("maximum_annotations", 101),
        ("maximum_annotations", "many"),
        ("skip_queue", "FORGET"),
        ("handing_out", "to_nobody"),
        ("ground_truth_every", -1),
        ("ground_truth_every", 1_001),
    ],
)
def test_a_wrong_value_is_refused_with_its_field_and_changes_nothing(cast, api, field, sent):
    before = Project.objects.filter(pk=cast.project.pk).values().get()

    answer = api(cast.manager).patch(f"/api/projects/{cast.project.pk}/", {"description": "New", field: sent})

    assert answer.status_code == 400
    assert list(answer.json()["validation_errors"]) == [field]
    assert Project.objects.filter(pk=cast.project.pk).values().get() == before


def test_an_annotator_may_not_change_settings(cast, api):
    answer = api(cast.annotator).patch(f"/api/projects/{cast.project.pk}/", {"maximum_annotations": 3})

    assert answer.status_code == 403
    assert Project.objects.get(pk=cast.project.pk).overlap == 1
