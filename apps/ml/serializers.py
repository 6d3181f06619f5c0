"""ML backends on the wire of the Label Studio API: its names outside, ours inside."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core.json_fields import StorableJSONField
from apps.ml.models import AuthMethod, BackendFailure, MLBackend

SETTINGS = (
    "health_seconds", "setup_seconds", "predict_seconds", "open_seconds", "train_seconds", "batch_size", "concurrency",
    "predict_on_open", "predict_on_import", "predict_on_new_version", "predict_every_hours", "train_after_completions",
    "train_every_hours", "send_completion_events", "use_ground_truth_only",
)  # fmt: skip
"""Fields that have the same name outside as inside."""

_WIRE_NAMES = {"auth_secret": "basic_auth_pass", "auth_name": "basic_auth_user"}
_MAX_SECONDS = 3_600.0
_MAX_SMALL = 32_767
_MAX_INTEGER = 2**31 - 1


def backend_document(backend: MLBackend) -> dict[str, Any]:
    """Return the ML BACKEND object of the API (docs/api.md); secrets never are a part of it."""
    basic = backend.auth_method == AuthMethod.BASIC_AUTH
    return {
        "id": backend.pk,
        "project": backend.project_id,
        "url": backend.url,
        "title": backend.title,
        "description": backend.description,
        "state": backend.state,
        "readable_state": backend.get_state_display(),
        "error_message": backend.error_message or None,
        "is_interactive": backend.is_interactive,
        "auth_method": backend.auth_method,
        "basic_auth_user": backend.auth_name if basic else None,
        "basic_auth_pass_is_set": bool(basic and backend.auth_secret),
        "auth_header_name": backend.auth_name if backend.auth_method == AuthMethod.HEADER else None,
        "extra_params": backend.extra_params,
        "model_version": backend.model_version or None,
        "model_class": backend.model_class or None,
        "protocol": backend.protocol,
        "timeout": backend.predict_seconds,
        "auto_update": backend.auto_update,
        **{name: getattr(backend, name) for name in SETTINGS},
        "latency_ms": backend.latency_ms,
        "checked_at": backend.checked_at,
        "failures_in_row": backend.failures_in_row,
        "retry_at": backend.retry_at,
        "completions_since_training": backend.completions_since_training,
        "created_at": backend.created_at,
        "updated_at": backend.updated_at,
    }


def failure_document(failure: BackendFailure) -> dict[str, Any]:
    """Return a failed call."""
    return {
        "id": failure.pk,
        "happened_at": failure.happened_at,
        "call": failure.call,
        "task": failure.task_id,
        "message": failure.message,
        "remedy": failure.remedy,
        "request_excerpt": failure.request_excerpt,
        "response_excerpt": failure.response_excerpt,
    }


class BackendSerializer(serializers.Serializer[MLBackend]):
    """What a client may set; `settings()` returns it under our names."""

    url = serializers.CharField(max_length=2_000, required=False)
    title = serializers.CharField(max_length=255, allow_blank=True, allow_null=True, required=False)
    description = serializers.CharField(max_length=10_000, allow_blank=True, allow_null=True, required=False)
    auth_method = serializers.ChoiceField(choices=AuthMethod.values, required=False)
    basic_auth_user = serializers.CharField(max_length=255, allow_blank=True, allow_null=True, required=False)
    basic_auth_pass = serializers.CharField(
        allow_blank=True, allow_null=True, required=False, write_only=True, trim_whitespace=False,
        help_text="Never returned; null leaves the stored one.",
    )  # fmt: skip
    auth_header_name = serializers.CharField(
        max_length=255, allow_blank=True, allow_null=True, required=False
    )
    auth_header_value = serializers.CharField(
        allow_blank=True, allow_null=True, required=False, write_only=True,
        help_text="Never returned; null leaves the stored one.",
    )  # fmt: skip
    extra_params = StorableJSONField(required=False, allow_null=True)
    is_interactive = serializers.BooleanField(required=False)
    auto_update = serializers.BooleanField(required=False)
    timeout = serializers.FloatField(
        source="predict_seconds", min_value=0.1, max_value=_MAX_SECONDS, required=False
    )
    health_seconds = serializers.FloatField(min_value=0.1, max_value=60, required=False)
    setup_seconds = serializers.FloatField(min_value=0.1, max_value=600, required=False)
    predict_seconds = serializers.FloatField(min_value=0.1, max_value=_MAX_SECONDS, required=False)
    open_seconds = serializers.FloatField(min_value=0.1, max_value=30, required=False)
    train_seconds = serializers.FloatField(min_value=0.1, max_value=_MAX_SECONDS, required=False)
    batch_size = serializers.IntegerField(min_value=1, max_value=1_000, required=False)
    concurrency = serializers.IntegerField(min_value=1, max_value=64, required=False)
    predict_on_open = serializers.BooleanField(required=False)
    predict_on_import = serializers.BooleanField(required=False)
    predict_on_new_version = serializers.BooleanField(required=False)
    predict_every_hours = serializers.IntegerField(min_value=0, max_value=_MAX_SMALL, required=False)
    train_after_completions = serializers.IntegerField(min_value=0, max_value=_MAX_INTEGER, required=False)
    train_every_hours = serializers.IntegerField(min_value=0, max_value=_MAX_SMALL, required=False)
    send_completion_events = serializers.BooleanField(required=False)
    use_ground_truth_only = serializers.BooleanField(required=False)
    store_anyway = serializers.BooleanField(
        required=False, default=False, help_text="Store it although it does not answer as it should."
    )

    def settings(self) -> dict[str, Any]:
        """Return the validated settings for the services, with `store_anyway`."""
        given = dict(self.validated_data)
        names = [given.pop(name, None) for name in ("basic_auth_user", "auth_header_name")]
        secrets = [given.pop(name, None) for name in ("basic_auth_pass", "auth_header_value")]
        method = given.get("auth_method")
        if name := next((name for name in names if name), None):
            given["auth_name"] = name
            # The first clients say user and password alone.
            if method is None:
                given["auth_method"] = AuthMethod.BASIC_AUTH if names[0] else AuthMethod.HEADER
        if (secret := next((secret for secret in secrets if secret is not None), None)) is not None:
            given["secret"] = secret
        for text in ("title", "description"):
            if text in given:
                given[text] = given[text] or ""
        return given


class NewBackendSerializer(BackendSerializer):
    """What a client sends to connect a backend, or to try whether it could."""

    url = serializers.CharField(max_length=2_000)
    project = serializers.IntegerField(min_value=0, max_value=2**63 - 1)

    def settings(self) -> dict[str, Any]:
        """Return the settings without the project."""
        return {name: value for name, value in super().settings().items() if name != "project"}


def on_the_wire(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return messages by the names that clients know."""
    return {_WIRE_NAMES.get(name, name): texts for name, texts in fields.items()}
