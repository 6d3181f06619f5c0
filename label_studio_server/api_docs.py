"""The OpenAPI description and its page."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated

from apps.accounts.authentication import InstanceBasicAuthentication


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3 description of this server."""


# Swagger UI writes style attributes; its scripts come from our own static files.
@method_decorator(
    csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]}), name="dispatch"
)
class ApiDocsView(SpectacularSwaggerSplitView):
    """The page on which the API is read and tried."""

    url = reverse_lazy("schema")  # type: ignore[assignment]  # a lazy text
    authentication_classes = (SessionAuthentication, InstanceBasicAuthentication)
    permission_classes = (IsAuthenticated,)
