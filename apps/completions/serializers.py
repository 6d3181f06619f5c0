"""Completions on the wire, where they are called annotations."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.serializers import person_document
from apps.completions.models import Completion, Verdict
from apps.core.ages import time_since
from apps.core.json_fields import StorableJSONField

MAX_ID = 2**63 - 1
MAX_INTEGER = 2**31 - 1


def completion_document(completion: Completion, *, expand_person: bool = False) -> dict[str, Any]:
    """Return the ANNOTATION object of the API (docs/api.md).

    Args:
        expand_person: whether `completed_by` is the person (as in one task) or their id (as in lists).
    """
    person = completion.completed_by
    username = f"{person.full_name} {person.email}, {person.pk}".strip() if person else ""
    document = _document(completion, username, len(completion.result))
    return document | {"completed_by": person_document(person)} if expand_person else document


def listed_completion_document(record: Any) -> dict[str, Any]:
    """Return the ANNOTATION object of a record of a list.

    Args:
        record: of `CompiledRecords`, with the number of items as `result_count`, and the person's names and `email`.
    """
    username = (
        f"{record.first_name} {record.last_name}".strip() + f" {record.email}, {record.completed_by_id}"
    )
    return _document(record, username.strip() if record.completed_by_id else "", record.result_count)


def _document(completion: Any, username: str, result_count: int) -> dict[str, Any]:
    return {
        "id": completion.pk,
        "result": completion.result,
        "result_count": result_count,
        "unique_id": completion.client_id,
        "created_username": username,
        "created_ago": time_since(completion.created_at),
        "completed_by": completion.completed_by_id,
        "updated_by": completion.updated_by_id,
        "last_created_by": None,
        "version": completion.version,
        "config_version": completion.config_version,
        "warnings": completion.warnings,
        "was_cancelled": completion.was_cancelled,
        "ground_truth": completion.ground_truth,
        "review": completion.review,
        "reviewed_by": completion.reviewed_by_id,
        "reviewed_at": completion.reviewed_at,
        "created_at": completion.created_at,
        "updated_at": completion.updated_at,
        "draft_created_at": None,
        "lead_time": completion.lead_time,
        "import_id": None,
        "last_action": completion.last_action or None,
        "bulk_created": False,
        "task": completion.task_id,
        "project": completion.project_id,
        "parent_prediction": completion.parent_prediction,
        "parent_annotation": completion.parent_completion,
    }


class CompletionSerializer(serializers.Serializer[Completion]):
    """What a client may send of a completion."""

    result = StorableJSONField(required=False)
    was_cancelled = serializers.BooleanField(required=False)
    ground_truth = serializers.BooleanField(required=False)
    lead_time = serializers.FloatField(required=False, allow_null=True)
    session = serializers.UUIDField(required=False, allow_null=True)
    unique_id = serializers.UUIDField(source="client_id", required=False, allow_null=True)
    parent_prediction = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MAX_ID
    )
    parent_annotation = serializers.IntegerField(
        source="parent_completion", required=False, allow_null=True, min_value=0, max_value=MAX_ID
    )


class NewCompletionSerializer(CompletionSerializer):
    """What a client sends to create a completion."""

    result = StorableJSONField()


class ChangeSerializer(CompletionSerializer):
    """What a client sends to change a completion."""

    version = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_INTEGER)


class VersionSerializer(serializers.Serializer[Completion]):
    """What a client sends to restore or delete: the version that it has seen."""

    version = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_INTEGER)


class ReviewSerializer(VersionSerializer):
    """What a client sends to review: a verdict, an empty one to take it back, and the version it looked at."""

    verdict = serializers.ChoiceField(Verdict.choices, allow_blank=True)


class DuplicateSerializer(serializers.Serializer[Completion]):
    """What a client sends to duplicate a completion."""

    unique_id = serializers.UUIDField(source="client_id", required=False, allow_null=True)
