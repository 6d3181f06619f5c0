"""Whether a labeling server can use what a model returned."""

from label_studio_ml.validation.predictions import checked_predictions

__all__ = ["checked_predictions"]
