"""Background work of models; `apps.jobs` finds the kinds by importing this package."""

from apps.ml.jobs import quality, training

__all__ = ["quality", "training"]
