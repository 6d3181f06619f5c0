"""Write a model for a labeling server: `LabelStudioMLBase`, and what scripts of either era import with it."""

from label_studio_ml.completions import answers_of, get_choice, is_skipped, items_of, majority_choice
from label_studio_ml.labeling_config import LabelingConfig, get_single_tag_keys
from label_studio_ml.media import get_image_size
from label_studio_ml.model import LabelStudioMLBase
from label_studio_ml.response import ModelResponse, PredictionValue
from label_studio_ml.server_api import ServerClient

__all__ = [
    "LabelStudioMLBase",
    "LabelingConfig",
    "ModelResponse",
    "PredictionValue",
    "ServerClient",
    "answers_of",
    "get_choice",
    "get_image_size",
    "get_single_tag_keys",
    "is_skipped",
    "items_of",
    "majority_choice",
]
