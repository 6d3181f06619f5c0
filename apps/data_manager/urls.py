from apps.core.routing import api_path
from apps.data_manager.api import LeaseView, NextTaskView, ProjectTasksView, TasksView, TaskView

urlpatterns = [
    api_path("api/tasks", TasksView.as_view(), name="tasks"),
    api_path("api/tasks/<int:task_id>", TaskView.as_view(), name="task"),
    api_path("api/tasks/<int:task_id>/lease", LeaseView.as_view(), name="lease"),
    api_path("api/projects/<int:project_id>/tasks", ProjectTasksView.as_view(), name="project-tasks"),
    api_path("api/projects/<int:project_id>/next", NextTaskView.as_view(), name="next-task"),
]
