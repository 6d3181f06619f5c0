from apps.audit.api import AuditView
from apps.core.routing import api_path

urlpatterns = [api_path("api/audit", AuditView.as_view(), name="audit")]
