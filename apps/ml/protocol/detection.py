"""Which generation of the ML protocol a backend speaks, told from its /health."""

from __future__ import annotations

from typing import Any

from apps.ml.models import Protocol


def protocol_of(health: dict[str, Any]) -> Protocol:
    """Return the generation that a /health document is of.

    The Flask era names its `model_dir` and nothing else; later ones name the class of the model, or `v2`. What says
    neither is taken for today's: its routes are those that other servers of the family imitate.
    """
    if "model_dir" in health and "model_class" not in health and "v2" not in health:
        return Protocol.FLASK_ERA
    return Protocol.CURRENT
