"""Projects on the wire of the Label Studio API: its names outside, ours inside."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.serializers import person_document
from apps.labeling import config as labeling
from apps.projects.client_settings import DEFAULTS, client_settings
from apps.projects.models import MAX_GROUND_TRUTH_EVERY, MAX_OVERLAP, HandingOut, Project, Sampling, SkipRule
from apps.projects.queries import Totals

TITLE_MIN_LENGTH = 3


class SkipRuleField(serializers.ChoiceField):
    """A skip rule, in any case: clients write it in capitals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[rule.value.upper() for rule in SkipRule], **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the rule as it is stored."""
        return str(super().to_internal_value(str(data).upper())).lower()


class ProjectSerializer(serializers.Serializer[Project]):
    """What a client may set; `settings()` returns it under our names."""

    title = serializers.CharField(max_length=255, allow_blank=True, required=False)
    description = serializers.CharField(allow_blank=True, allow_null=True, required=False)
    color = serializers.CharField(max_length=16, allow_blank=True, allow_null=True, required=False)
    label_config = serializers.CharField(allow_blank=True, required=False, trim_whitespace=False)
    expert_instruction = serializers.CharField(
        source="instruction", allow_blank=True, allow_null=True, required=False
    )
    show_instruction = serializers.BooleanField(required=False)
    show_skip_button = serializers.BooleanField(required=False)
    enable_empty_annotation = serializers.BooleanField(source="allow_empty_completions", required=False)
    show_collab_predictions = serializers.BooleanField(source="show_predictions", required=False)
    maximum_annotations = serializers.IntegerField(
        source="overlap", min_value=1, max_value=MAX_OVERLAP, required=False
    )
    sampling = serializers.CharField(required=False)
    skip_queue = SkipRuleField(source="skip_rule", required=False)
    handing_out = serializers.ChoiceField(choices=HandingOut.values, required=False)
    ground_truth_every = serializers.IntegerField(
        min_value=0, max_value=MAX_GROUND_TRUTH_EVERY, required=False
    )
    model_version = serializers.CharField(max_length=255, allow_blank=True, allow_null=True, required=False)
    strict_results = serializers.BooleanField(required=False)
    show_completions_to_annotators = serializers.BooleanField(required=False)
    client_settings = serializers.DictField(required=False, write_only=True)

    # Today's clients say "Sequential sampling"; the Flask era said "sequential".
    SAMPLING_ALIASES = {
        "sequential sampling": Sampling.SEQUENTIAL,
        "uniform sampling": Sampling.UNIFORM,
        "random-uniform": Sampling.UNIFORM,
        "uncertainty sampling": Sampling.PREDICTION_SCORE_MIN,
    }

    def validate_title(self, value: str) -> str:
        """Let a title be absent, but not too short to read."""
        if 0 < len(value.strip()) < TITLE_MIN_LENGTH:
            raise serializers.ValidationError(f"A title needs at least {TITLE_MIN_LENGTH} characters.")
        return value.strip()

    def validate_sampling(self, value: str) -> str:
        """Return the sampling under our name for it."""
        sampling = self.SAMPLING_ALIASES.get(value.lower(), value.lower())
        if sampling not in Sampling.values:
            raise serializers.ValidationError(f'"{value}" is no sampling: use {", ".join(Sampling.values)}.')
        return str(sampling)

    def settings(self, stored: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the validated settings for the services; those only clients read are added to `stored` ones."""
        given = {
            name: "" if value is None else value
            for name, value in self.validated_data.items()
            if name != "client_settings"
        }
        if sent := {name: self.initial_data[name] for name in DEFAULTS if name in self.initial_data}:
            given["client_settings"] = {**(stored or {}), **sent}
        return given


def counters_document(totals: Totals) -> dict[str, int]:
    """Return the counters of a project under their names in the API."""
    return {
        "task_number": totals.tasks,
        "finished_task_number": totals.labeled_tasks,
        "num_tasks_with_annotations": totals.tasks_with_completions,
        "total_annotations_number": totals.completions,
        "useful_annotation_number": totals.completions,
        "ground_truth_number": totals.ground_truths,
        "skipped_annotations_number": totals.skips,
        "total_predictions_number": totals.predictions,
        "queue_total": totals.tasks,
        "queue_done": totals.labeled_tasks,
    }


def project_document(project: Project, totals: Totals) -> dict[str, Any]:
    """Return the PROJECT object of the API (docs/api.md)."""
    parsed = labeling.parse(project.label_config).parsed
    return {
        "id": project.pk,
        "title": project.title,
        "description": project.description,
        "color": project.color,
        "label_config": project.label_config,
        "config_version": project.config_version,
        "strict_results": project.strict_results,
        "parsed_label_config": parsed,
        "config_has_control_tags": bool(parsed),
        "config_suitable_for_bulk_annotation": False,
        "expert_instruction": project.instruction,
        "show_instruction": project.show_instruction,
        "show_skip_button": project.show_skip_button,
        "enable_empty_annotation": project.allow_empty_completions,
        "show_collab_predictions": project.show_predictions,
        "show_completions_to_annotators": project.show_completions_to_annotators,
        "maximum_annotations": project.overlap,
        "sampling": project.sampling,
        "skip_queue": project.skip_rule.upper(),
        "handing_out": project.handing_out,
        "ground_truth_every": project.ground_truth_every,
        "model_version": project.model_version,
        "organization": None,
        "created_by": person_document(project.created_by),
        "created_at": project.created_at,
        "archived_at": project.archived_at,
        "task_data_login": None,
        "task_data_password": None,
        **client_settings(project.client_settings),
        **counters_document(totals),
    }
