from apps.comments.api import CommentsView, CommentView
from apps.core.routing import api_path

urlpatterns = [
    api_path("api/comments", CommentsView.as_view(), name="comments"),
    api_path("api/comments/<int:comment_id>", CommentView.as_view(), name="comment"),
]
