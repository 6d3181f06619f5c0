"""Drafts on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.completions.models import Draft
from apps.completions.serializers import MAX_ID, MAX_INTEGER
from apps.core.json_fields import StorableJSONField


def draft_document(draft: Draft) -> dict[str, Any]:
    """Return the draft object of the API (docs/api.md)."""
    return {
        "id": draft.pk,
        "user": draft.user_id,
        "task": draft.task_id,
        "annotation": draft.completion_id,
        "version": draft.completion_version,
        "result": draft.result,
        "lead_time": draft.lead_time,
        "session": draft.session,
        "unique_id": draft.client_id,
        "was_postponed": False,
        "import_id": None,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
    }


class ChangedDraftSerializer(serializers.Serializer[Draft]):
    """What a client sends to save a draft again."""

    result = StorableJSONField(required=False)
    version = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_INTEGER)
    lead_time = serializers.FloatField(required=False, allow_null=True)
    session = serializers.UUIDField(required=False, allow_null=True)
    unique_id = serializers.UUIDField(source="client_id", required=False, allow_null=True)


class DraftSerializer(ChangedDraftSerializer):
    """What a client sends to save a draft of a task."""

    result = StorableJSONField()
    annotation = serializers.IntegerField(
        source="completion_id", required=False, allow_null=True, min_value=1, max_value=MAX_ID
    )
