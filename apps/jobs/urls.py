from apps.core.routing import ApiRouter
from apps.jobs.api import JobViewSet

app_name = "jobs"

router = ApiRouter()
router.register("api/jobs", JobViewSet, basename="job")

urlpatterns = router.urls
