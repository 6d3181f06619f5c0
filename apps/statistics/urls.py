from apps.core.routing import api_path
from apps.statistics.api import ChartsView, ChartView

urlpatterns = [
    api_path("api/projects/<int:project_id>/statistics", ChartsView.as_view(), name="statistics"),
    api_path(
        "api/projects/<int:project_id>/statistics/<str:chart_name>",
        ChartView.as_view(),
        name="statistics-chart",
    ),
]
