from apps.core.routing import api_path
from apps.data_manager.action_api import ActionPreviewView, ActionRunsView, ActionsView, UndoActionView
from apps.data_manager.api import LeaseView, ProjectTasksView, TasksView, TaskView
from apps.data_manager.assignment_api import TaskAssignmentsView
from apps.data_manager.column_api import ColumnsView, DataManagerProjectView
from apps.data_manager.csv_api import CsvView
from apps.data_manager.stream_api import NextTaskView, SubmittingView
from apps.data_manager.view_api import ViewOrderView, ViewResetView, ViewsView, ViewView

urlpatterns = [
    api_path("api/tasks/<int:task_id>/completions", SubmittingView.as_view(), name="task-completions"),
    api_path("api/tasks/<int:task_id>/annotations", SubmittingView.as_view(), name="task-annotations"),
    api_path("api/projects/<int:project_id>/next", NextTaskView.as_view(), name="next-task"),
    api_path("api/tasks", TasksView.as_view(), name="tasks"),
    api_path("api/tasks/<int:task_id>", TaskView.as_view(), name="task"),
    api_path("api/tasks/<int:task_id>/lease", LeaseView.as_view(), name="lease"),
    api_path("api/tasks/<int:task_id>/assignments", TaskAssignmentsView.as_view(), name="task-assignments"),
    api_path("api/projects/<int:project_id>/tasks", ProjectTasksView.as_view(), name="project-tasks"),
    api_path("api/dm/columns", ColumnsView.as_view(), name="dm-columns"),
    api_path("api/dm/project", DataManagerProjectView.as_view(), name="dm-project"),
    api_path("api/dm/csv", CsvView.as_view(), name="dm-csv"),
    api_path("api/dm/actions", ActionsView.as_view(), name="dm-actions"),
    api_path("api/dm/actions/preview", ActionPreviewView.as_view(), name="dm-actions-preview"),
    api_path("api/dm/actions/runs", ActionRunsView.as_view(), name="dm-action-runs"),
    api_path("api/dm/actions/runs/<int:run_id>/undo", UndoActionView.as_view(), name="dm-action-undo"),
    api_path("api/dm/views", ViewsView.as_view(), name="dm-views"),
    api_path("api/dm/views/order", ViewOrderView.as_view(), name="dm-views-order"),
    api_path("api/dm/views/reset", ViewResetView.as_view(), name="dm-views-reset"),
    api_path("api/dm/views/<int:view_id>", ViewView.as_view(), name="dm-view"),
]
