"""Comments on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.accounts.serializers import person_document
from apps.comments.mentions import mentioned_ids
from apps.comments.models import Comment

MAX_ID = 2**63 - 1


def comment_document(
    comment: Comment, people: Mapping[int, User], *, expand_person: bool = False
) -> dict[str, Any]:
    """Return the COMMENT object of the API (docs/api.md).

    Args:
        people: those whom texts name.
        expand_person: whether `created_by` is the person or their id.
    """
    named = (people.get(user_id) for user_id in mentioned_ids(comment.text))
    return {
        "id": comment.pk,
        "unique_id": comment.client_id,
        "text": comment.text,
        "mentions": [person_document(person) for person in named if person],
        "project": comment.project_id,
        "task": comment.task_id,
        "annotation": comment.completion_id,
        "region_ref": {"regionId": comment.region_id} if comment.region_id else None,
        "created_by": person_document(comment.author) if expand_person else comment.author_id,
        "is_resolved": comment.resolved_at is not None,
        "resolved_at": comment.resolved_at,
        "resolved_by": comment.resolved_by_id,
        "created_at": comment.created_at,
        "updated_at": comment.updated_at,
        "edited_at": comment.edited_at,
    }


class RegionField(serializers.Field[str, Any, Any, Any]):
    """The id of a result item: as a text, or as an object with `regionId`."""

    def to_internal_value(self, data: Any) -> str:
        """Return the id; "" for none."""
        given = data.get("regionId") if isinstance(data, dict) else data
        if given is None:
            return ""
        if not isinstance(given, str):
            raise serializers.ValidationError('Send the id of a region as text, or as {"regionId": "…"}.')
        return given

    def to_representation(self, value: Any) -> Any:
        """Return it as clients read it."""
        return {"regionId": value}


class ChangedCommentSerializer(serializers.Serializer[Comment]):
    """What a client may change of a comment."""

    text = serializers.CharField(required=False, trim_whitespace=False)
    is_resolved = serializers.BooleanField(required=False)


class NewCommentSerializer(serializers.Serializer[Comment]):
    """What a client sends to comment: on a task, or on a completion, whose task follows from it."""

    text = serializers.CharField(trim_whitespace=False)
    task = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_ID)
    annotation = serializers.IntegerField(
        source="completion_id", required=False, allow_null=True, min_value=1, max_value=MAX_ID
    )
    region_ref = RegionField(source="region_id", required=False, allow_null=True)
    unique_id = serializers.UUIDField(source="client_id", required=False, allow_null=True)
    is_resolved = serializers.BooleanField(required=False)
