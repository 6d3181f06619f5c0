"""API addresses: each answers with and without the last slash, on every method."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, re_path
from rest_framework.routers import SimpleRouter

_CONVERTERS = {"int": r"[0-9]{1,18}", "uuid": r"[0-9a-fA-F-]{36}", "str": r"[^/]+"}
_PARAMETER = re.compile(r"<(\w+):(\w+)>")


def api_path(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> URLPattern:
    """Like `django.urls.path` for `route` without its last slash, but the slash is optional.

    A redirect to the other form would lose the body of a POST, and old clients send either form.
    """
    pattern = _PARAMETER.sub(lambda match: f"(?P<{match[2]}>{_CONVERTERS[match[1]]})", route)
    return re_path(rf"^{pattern}/?$", view, name=name)


class ApiRouter(SimpleRouter):
    """DRF's router with the last slash optional."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=True)
        self.trailing_slash: Any = "/?"
