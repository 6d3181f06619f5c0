from apps.core.routing import api_path
from apps.predictions.api import PredictionsView, PredictionView

urlpatterns = [
    api_path("api/predictions", PredictionsView.as_view(), name="predictions"),
    api_path("api/predictions/<int:prediction_id>", PredictionView.as_view(), name="prediction"),
]
