from apps.core.routing import api_path
from apps.exports.api import ExportFormatsView, ExportView
from apps.exports.snapshot_api import (
    ConvertView,
    DownloadView,
    LinkDownloadView,
    LinkView,
    SnapshotsView,
    SnapshotView,
)

_PROJECT = "api/projects/<int:project_id>"
_ONE = f"{_PROJECT}/exports/<int:export_id>"

urlpatterns = [
    api_path(f"{_PROJECT}/export", ExportView.as_view(), name="export"),
    api_path(f"{_PROJECT}/export/formats", ExportFormatsView.as_view(), name="export-formats"),
    api_path(f"{_PROJECT}/exports", SnapshotsView.as_view(), name="exports"),
    api_path(_ONE, SnapshotView.as_view(), name="export-detail"),
    api_path(f"{_ONE}/convert", ConvertView.as_view(), name="export-convert"),
    api_path(f"{_ONE}/download", DownloadView.as_view(), name="export-download"),
    api_path(f"{_ONE}/link", LinkView.as_view(), name="export-link"),
    api_path("api/exports/links/<str:key>", LinkDownloadView.as_view(), name="export-link-download"),
]
