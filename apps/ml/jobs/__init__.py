"""Background work of models; `apps.jobs` finds the kinds by importing this package."""

from apps.ml.jobs import checking, connecting, predicting, quality, training

__all__ = ["checking", "connecting", "predicting", "quality", "training"]
