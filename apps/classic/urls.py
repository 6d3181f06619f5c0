from apps.classic.completions import CompletedTasksView, CompletionOfTaskView
from apps.classic.views import (
    CurrentConfigView,
    CurrentExportView,
    CurrentImportView,
    CurrentNextTaskView,
    CurrentProjectView,
    SwitchView,
)
from apps.core.routing import api_path

urlpatterns = [
    api_path("api/project", CurrentProjectView.as_view(), name="classic-project"),
    api_path("api/project-switch", SwitchView.as_view(), name="classic-switch"),
    api_path("api/project/config", CurrentConfigView.as_view(), name="classic-config"),
    api_path("api/project/import", CurrentImportView.as_view(), name="classic-import"),
    api_path("api/project/next", CurrentNextTaskView.as_view(), name="classic-next"),
    api_path(
        "api/tasks/<int:task_id>/completions/<int:completion_id>",
        CompletionOfTaskView.as_view(),
        name="classic-completion",
    ),
    api_path("api/completions", CompletedTasksView.as_view(), name="classic-completed-tasks"),
    api_path("api/project/export", CurrentExportView.as_view(), name="classic-export"),
]
