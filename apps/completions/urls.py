from apps.completions.api import CompletionView, TaskCompletionsView
from apps.core.routing import api_path

urlpatterns = [
    api_path("api/tasks/<int:task_id>/completions", TaskCompletionsView.as_view(), name="task-completions"),
    api_path("api/tasks/<int:task_id>/annotations", TaskCompletionsView.as_view(), name="task-annotations"),
    api_path("api/completions/<int:completion_id>", CompletionView.as_view(), name="completion"),
    api_path("api/annotations/<int:completion_id>", CompletionView.as_view(), name="annotation"),
]
