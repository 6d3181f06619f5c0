from apps.core.routing import api_path
from apps.labeling.api import TemplatesView, TemplateView

urlpatterns = [
    api_path("api/templates", TemplatesView.as_view(), name="templates"),
    api_path("api/templates/<str:name>", TemplateView.as_view(), name="template"),
]
