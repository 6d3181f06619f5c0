"""Jobs on the wire. The payload stays inside: it is the handler's business and may name files."""

from __future__ import annotations

from rest_framework import serializers

from apps.jobs.models import Job, JobStatus


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as its readers see it."""

    title = serializers.CharField(read_only=True, help_text="What kind of work this is, for people.")
    percent = serializers.IntegerField(read_only=True, allow_null=True)
    is_active = serializers.BooleanField(read_only=True)
    waiting_reason = serializers.CharField(read_only=True, help_text="Why nothing moves, or empty.")

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "title",
            "project",
            "created_by",
            "status",
            "is_active",
            "cancel_requested",
            "progress",
            "total",
            "percent",
            "message",
            "waiting_reason",
            "error",
            "result",
            "attempts",
            "created_at",
            "started_at",
            "heartbeat_at",
            "finished_at",
        )
        read_only_fields = fields


class JobFilterSerializer(serializers.Serializer[dict[str, object]]):
    """The query parameters of the list of jobs."""

    project = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    status = serializers.ChoiceField(required=False, choices=JobStatus.choices)
    kind = serializers.CharField(required=False, max_length=50)
