from apps.core.routing import api_path
from apps.imports.api import (
    ImportDetailView,
    ImportPredictionsView,
    ImportsView,
    ImportView,
    ReimportView,
    ReportView,
    UndoView,
)
from apps.imports.serving import LocalFileView, UploadedFileView
from apps.imports.upload_api import FilesView, FileView, UploadsView, UploadView

_PROJECT = "api/projects/<int:project_id>"
_IMPORT = f"{_PROJECT}/imports/<int:import_id>"

urlpatterns = [
    api_path(f"{_PROJECT}/import", ImportView.as_view(), name="import"),
    api_path(f"{_PROJECT}/import/predictions", ImportPredictionsView.as_view(), name="import-predictions"),
    api_path(f"{_PROJECT}/reimport", ReimportView.as_view(), name="reimport"),
    api_path(f"{_PROJECT}/imports", ImportsView.as_view(), name="imports"),
    api_path(_IMPORT, ImportDetailView.as_view(), name="import-detail"),
    api_path(f"{_IMPORT}/report", ReportView.as_view(), name="import-report"),
    api_path(f"{_IMPORT}/undo", UndoView.as_view(), name="import-undo"),
    api_path(f"{_PROJECT}/file-uploads", FilesView.as_view(), name="file-uploads"),
    api_path("api/import/file-upload/<int:upload_id>", FileView.as_view(), name="file-upload"),
    api_path(f"{_PROJECT}/uploads", UploadsView.as_view(), name="uploads"),
    api_path("api/uploads/<int:upload_id>", UploadView.as_view(), name="upload"),
    api_path("data/upload/<int:project_id>/<str:name>", UploadedFileView.as_view(), name="uploaded-file"),
    api_path("data/local-files", LocalFileView.as_view(), name="local-files"),
]
