from apps.core.routing import api_path
from apps.projects.api import ProjectCountsView, ProjectsView, ProjectView, ValidateConfigView

urlpatterns = [
    api_path("api/projects", ProjectsView.as_view(), name="projects"),
    api_path("api/projects/counts", ProjectCountsView.as_view(), name="project-counts"),
    api_path("api/projects/validate", ValidateConfigView.as_view(), name="validate-config"),
    api_path("api/projects/<int:project_id>", ProjectView.as_view(), name="project"),
    api_path(
        "api/projects/<int:project_id>/validate", ValidateConfigView.as_view(), name="validate-project-config"
    ),
]
