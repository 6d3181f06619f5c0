"""Predictions on the wire of the Label Studio API."""

from __future__ import annotations

import math
from typing import Any

from rest_framework import serializers

from apps.core.ages import time_since
from apps.core.json_fields import StorableJSONField
from apps.predictions.models import Prediction


def prediction_document(prediction: Prediction) -> dict[str, Any]:
    """Return the PREDICTION object of the API (docs/api.md)."""
    return {
        "id": prediction.pk,
        "result": prediction.result,
        "model_version": prediction.model_version,
        "created_ago": time_since(prediction.created_at),
        "score": prediction.score,
        "cluster": prediction.cluster,
        "neighbors": prediction.neighbors,
        "mislabeling": prediction.mislabeling,
        "created_at": prediction.created_at,
        "updated_at": prediction.updated_at,
        "model": None,
        "model_run": None,
        "task": prediction.task_id,
        "project": prediction.project_id,
    }


class PredictionSerializer(serializers.Serializer[Prediction]):
    """What a client may send of a prediction."""

    result = StorableJSONField(required=False)
    score = serializers.FloatField(required=False, allow_null=True)
    model_version = serializers.CharField(required=False, allow_blank=True, max_length=255)
    cluster = serializers.IntegerField(
        required=False, allow_null=True, min_value=-(2**31), max_value=2**31 - 1
    )
    neighbors = StorableJSONField(required=False, allow_null=True)
    mislabeling = serializers.FloatField(required=False)

    def validate_score(self, value: float | None) -> float | None:
        """Let finite scores pass: infinities are no JSON."""
        if value is not None and not math.isfinite(value):
            raise serializers.ValidationError("A score must be a finite number.")
        return value


class NewPredictionSerializer(PredictionSerializer):
    """What a client sends to create a prediction."""

    task = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    result = StorableJSONField()
