"""The addresses of the whole product."""

from django.contrib import admin
from django.urls import include, path

from apps.core.routing import api_path
from label_studio_server.api_docs import ApiDocsView, SchemaView
from label_studio_server.health import HealthView, ReadyView, VersionView

urlpatterns = [
    # Addresses are tried in this order: first those of the label stream, which are asked for a million times.
    path("", include("apps.data_manager.urls")),
    path("", include("apps.completions.urls")),
    api_path("api/health", HealthView.as_view(), name="health"),
    api_path("health", HealthView.as_view(), name="health-short"),
    api_path("api/health/ready", ReadyView.as_view(), name="ready"),
    api_path("api/version", VersionView.as_view(), name="api-version"),
    api_path("version", VersionView.as_view(), name="version"),
    api_path("api/schema", SchemaView.as_view(), name="schema"),
    path("api/docs/", ApiDocsView.as_view(), name="api-docs"),
    path("admin/", admin.site.urls),
    path("", include("apps.audit.urls")),
    path("", include("apps.jobs.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.labeling.urls")),
    path("", include("apps.projects.urls")),
    path("", include("apps.predictions.urls")),
    path("", include("apps.comments.urls")),
    path("", include("apps.imports.urls")),
    path("", include("apps.exports.urls")),
    path("", include("apps.statistics.urls")),
    path("", include("apps.ml.predicting.urls")),
    path("", include("apps.ml.urls")),
    path("", include("apps.ml.quality.urls")),
    path("", include("apps.classic.urls")),
    path("", include("apps.web.urls")),
]

handler400 = "apps.web.views.errors.bad_request"
handler403 = "apps.web.views.errors.forbidden"
handler404 = "apps.web.views.errors.not_found"
handler500 = "apps.web.views.errors.server_error"
