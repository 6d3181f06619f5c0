"""Background work of models; `apps.jobs` finds the kinds by importing this package."""

from apps.ml.jobs import checking, predicting, quality, training

__all__ = ["checking", "predicting", "quality", "training"]
