from apps.core.routing import api_path
from apps.ml.api.backends import (
    BackendsView,
    BackendTestView,
    BackendView,
    FailuresView,
    NewBackendTestView,
    VersionsView,
)
from apps.ml.api.interactive import InteractiveAnnotatingView
from apps.ml.api.training import TrainingsView, TrainingView, TrainView

_BACKEND = "api/ml/<int:backend_id>"

urlpatterns = [
    api_path("api/ml", BackendsView.as_view(), name="ml-backends"),
    api_path("api/ml/test", NewBackendTestView.as_view(), name="ml-backend-try"),
    api_path(_BACKEND, BackendView.as_view(), name="ml-backend"),
    api_path(f"{_BACKEND}/test", BackendTestView.as_view(), name="ml-backend-test"),
    api_path(f"{_BACKEND}/versions", VersionsView.as_view(), name="ml-backend-versions"),
    api_path(f"{_BACKEND}/failures", FailuresView.as_view(), name="ml-backend-failures"),
    api_path(f"{_BACKEND}/train", TrainView.as_view(), name="ml-backend-train"),
    api_path(f"{_BACKEND}/trainings", TrainingsView.as_view(), name="ml-backend-trainings"),
    api_path(f"{_BACKEND}/trainings/<int:training_id>", TrainingView.as_view(), name="ml-backend-training"),
    api_path(
        f"{_BACKEND}/interactive-annotating",
        InteractiveAnnotatingView.as_view(),
        name="ml-interactive-annotating",
    ),
]
