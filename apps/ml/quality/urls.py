from apps.core.routing import api_path
from apps.ml.quality.api import ModelQualityView, QualityReportView

urlpatterns = [
    api_path("api/projects/<int:project_id>/model-quality", ModelQualityView.as_view(), name="model-quality"),
    api_path(
        "api/projects/<int:project_id>/model-quality/<int:report_id>",
        QualityReportView.as_view(),
        name="model-quality-report",
    ),
]
