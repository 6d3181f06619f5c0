from apps.core.routing import api_path
from apps.ml.api.predicting import (
    CancelRunView,
    CompareVersionsView,
    ModelVersionsView,
    OpenedTaskView,
    PredictView,
    ResumeRunView,
    RetryFailedView,
    RunFailuresView,
    RunsView,
    RunView,
)

_BACKEND = "api/ml/<int:backend_id>"
_RUN = "api/ml/runs/<int:run_id>"
_VERSIONS = "api/projects/<int:project_id>/model-versions"

urlpatterns = [
    api_path(f"{_BACKEND}/predict", PredictView.as_view(), name="ml-predict"),
    api_path(f"{_BACKEND}/runs", RunsView.as_view(), name="ml-runs"),
    api_path(_RUN, RunView.as_view(), name="ml-run"),
    api_path(f"{_RUN}/failures", RunFailuresView.as_view(), name="ml-run-failures"),
    api_path(f"{_RUN}/cancel", CancelRunView.as_view(), name="ml-run-cancel"),
    api_path(f"{_RUN}/resume", ResumeRunView.as_view(), name="ml-run-resume"),
    api_path(f"{_RUN}/retry-failed", RetryFailedView.as_view(), name="ml-run-retry-failed"),
    api_path(_VERSIONS, ModelVersionsView.as_view(), name="model-versions"),
    api_path(f"{_VERSIONS}/compare", CompareVersionsView.as_view(), name="model-versions-compare"),
    api_path("api/tasks/<int:task_id>/predictions", OpenedTaskView.as_view(), name="task-predictions"),
]
