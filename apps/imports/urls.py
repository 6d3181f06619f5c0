from apps.core.routing import api_path
from apps.imports.api import ImportView

urlpatterns = [api_path("api/projects/<int:project_id>/import", ImportView.as_view(), name="import")]
