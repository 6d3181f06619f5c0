from apps.core.routing import api_path
from apps.projects.api import ProjectCountsView, ProjectsView, ProjectView
from apps.projects.archiving_api import ArchiveView, UnarchiveView
from apps.projects.config_api import (
    ConfigVersionsView,
    ConfigVersionView,
    ImportExampleView,
    RestoreConfigVersionView,
    SampleTaskOfConfigView,
    SampleTaskView,
    ValidateConfigView,
)
from apps.projects.people_api import InvitationsView, InvitationView, MembersView, MemberView

urlpatterns = [
    api_path("api/projects/<int:project_id>/members", MembersView.as_view(), name="members"),
    api_path("api/projects/<int:project_id>/members/<int:user_id>", MemberView.as_view(), name="member"),
    api_path("api/projects/<int:project_id>/invitations", InvitationsView.as_view(), name="invitations"),
    api_path(
        "api/projects/<int:project_id>/invitations/<int:invitation_id>",
        InvitationView.as_view(),
        name="invitation",
    ),
    api_path("api/projects", ProjectsView.as_view(), name="projects"),
    api_path("api/projects/counts", ProjectCountsView.as_view(), name="project-counts"),
    api_path("api/projects/validate", ValidateConfigView.as_view(), name="validate-config"),
    api_path("api/projects/<int:project_id>", ProjectView.as_view(), name="project"),
    api_path("api/projects/<int:project_id>/archive", ArchiveView.as_view(), name="archive-project"),
    api_path("api/projects/<int:project_id>/unarchive", UnarchiveView.as_view(), name="unarchive-project"),
    api_path(
        "api/projects/<int:project_id>/validate", ValidateConfigView.as_view(), name="validate-project-config"
    ),
    api_path(
        "api/projects/<int:project_id>/config-versions", ConfigVersionsView.as_view(), name="config-versions"
    ),
    api_path(
        "api/projects/<int:project_id>/config-versions/<int:number>",
        ConfigVersionView.as_view(),
        name="config-version",
    ),
    api_path(
        "api/projects/<int:project_id>/config-versions/<int:number>/restore",
        RestoreConfigVersionView.as_view(),
        name="restore-config-version",
    ),
    api_path("api/projects/<int:project_id>/sample-task", SampleTaskView.as_view(), name="sample-task"),
    api_path(
        "api/projects/<int:project_id>/import-example", ImportExampleView.as_view(), name="import-example"
    ),
    api_path("api/labeling/sample-task", SampleTaskOfConfigView.as_view(), name="sample-task-of-config"),
]
