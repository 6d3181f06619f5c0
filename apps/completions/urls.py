from django.urls import URLPattern

from apps.completions.answers_api import MyAnswersView
from apps.completions.api import CompletionView
from apps.completions.drafts_api import DraftView, TaskDraftsView
from apps.completions.history_api import (
    CompletionHistoryView,
    CompletionVersionView,
    DeletedCompletionsView,
    DuplicateView,
    RestoreVersionView,
    TakeBackSkipView,
)
from apps.completions.review_api import ReviewView
from apps.core.routing import api_path


def _routes_of(word: str) -> list[URLPattern]:
    """Return the addresses of completions under their own name, or under that of today's clients.

    Those of one task are the label stream's, which answers a submit with the next task (`apps.data_manager.urls`).
    """
    one, version = f"api/{word}s/<int:completion_id>", "history/<int:number>"
    return [
        api_path(one, CompletionView.as_view(), name=word),
        api_path(f"{one}/history", CompletionHistoryView.as_view(), name=f"{word}-history"),
        api_path(f"{one}/{version}", CompletionVersionView.as_view(), name=f"{word}-version"),
        api_path(f"{one}/{version}/restore", RestoreVersionView.as_view(), name=f"{word}-restore"),
        api_path(f"{one}/review", ReviewView.as_view(), name=f"{word}-review"),
        api_path(f"{one}/duplicate", DuplicateView.as_view(), name=f"{word}-duplicate"),
        api_path(f"{one}/take-back-skip", TakeBackSkipView.as_view(), name=f"{word}-take-back-skip"),
    ]


urlpatterns = [
    *_routes_of("completion"),
    *_routes_of("annotation"),
    api_path(
        "api/tasks/<int:task_id>/deleted-completions",
        DeletedCompletionsView.as_view(),
        name="deleted-completions",
    ),
    api_path("api/projects/<int:project_id>/my-answers", MyAnswersView.as_view(), name="my-answers"),
    api_path("api/tasks/<int:task_id>/drafts", TaskDraftsView.as_view(), name="task-drafts"),
    api_path("api/drafts/<int:draft_id>", DraftView.as_view(), name="draft"),
]
