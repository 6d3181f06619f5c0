"""The Content-Security-Policy header of every answer."""

from __future__ import annotations

from typing import Any

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ContentPolicyMiddleware(CSPMiddleware):
    """Writes the policy of what asks for nothing special once, not for each answer; most answers of the API are that.

    Whatever has a nonce, or a view's own policy, goes the long way.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        plain = settings.CONTENT_SECURITY_POLICY.keys() == {"DIRECTIVES"} and not settings.DEBUG
        reports = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
        self._policy = build_policy() if plain and not reports else None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header, unless the answer has one."""
        special = hasattr(request, "_csp_nonce") or any(name.startswith("_csp") for name in vars(response))
        if self._policy is None or special:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy)
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response
