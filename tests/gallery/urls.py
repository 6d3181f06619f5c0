"""What the gallery needs of the product: the editor's frame, without signing in."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from apps.web.views.label import label_frame


def no_icon(request: HttpRequest) -> HttpResponse:
    """Answer browsers that ask for a tab's icon; a frame has none."""
    return HttpResponse(status=204)


urlpatterns = [path("label/frame", label_frame, name="label-frame"), path("favicon.ico", no_icon)]
