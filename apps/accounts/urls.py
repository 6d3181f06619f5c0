from apps.accounts.api import (
    AvatarView,
    ResetTokenView,
    TokensView,
    TokenView,
    UsersView,
    UserView,
    WhoAmIView,
)
from apps.core.routing import api_path

urlpatterns = [
    api_path("api/current-user/whoami", WhoAmIView.as_view(), name="whoami"),
    api_path("api/current-user/reset-token", ResetTokenView.as_view(), name="reset-token"),
    api_path("api/current-user/tokens", TokensView.as_view(), name="tokens"),
    api_path("api/current-user/tokens/<int:token_id>", TokenView.as_view(), name="token"),
    api_path("api/avatars/<str:name>", AvatarView.as_view(), name="avatar"),
    api_path("api/users", UsersView.as_view(), name="users"),
    api_path("api/users/<int:user_id>", UserView.as_view(), name="user"),
]
