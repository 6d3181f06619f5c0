from apps.core.routing import api_path
from apps.exports.api import ExportFormatsView, ExportView

urlpatterns = [
    api_path("api/projects/<int:project_id>/export", ExportView.as_view(), name="export"),
    api_path(
        "api/projects/<int:project_id>/export/formats", ExportFormatsView.as_view(), name="export-formats"
    ),
]
