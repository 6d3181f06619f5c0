"""The frame in which the config editor shows how a config labels.

It is the label page's editor under the same script rule, and sandboxed: whatever a config or a task says, the frame
can neither lead the page away, open windows or dialogs, send forms nor download anything. It keeps its origin, because
the editor needs the files of this server and its settings; scripts run only with the response's nonce.
"""

from __future__ import annotations

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.web.views.label import FRAME_POLICY

PREVIEW_POLICY = {**FRAME_POLICY, "sandbox": ["allow-scripts", "allow-same-origin"]}


@csp_replace(PREVIEW_POLICY)
@require_GET
def preview_frame(request: HttpRequest) -> HttpResponse:
    """Return the empty editor, which the config editor fills with a config and a task."""
    return render(request, "web/pages/label_frame.html")
