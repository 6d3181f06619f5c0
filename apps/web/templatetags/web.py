"""Icons, times, progress rings, addresses of sorted pages, JSON for reading."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts.models import User
from apps.web.colors import is_drawable
from apps.web.data_values import shorten

register = template.Library()

RING_RADIUS = 15.9155
"""A circle of this radius is 100 units long, so that a dash length is a percentage."""


_MARK = SafeString('viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"')


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw an icon of frontend_build/icons.txt; it says nothing to screen readers."""
    return format_html(
        '<svg class="icon {}" width="24" height="24" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        extra,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def avatar(user: User, size: str = "sm") -> SafeString:
    """Draw a person's picture, else their initials; their name stands beside it, so it says nothing itself."""
    if user.avatar_address is None:
        return format_html(
            '<span class="avatar avatar-{} rounded-circle" aria-hidden="true">{}</span>', size, user.initials
        )
    return format_html(
        '<span class="avatar avatar-{} rounded-circle"><img src="{}" width="256" height="256" alt=""></span>',
        size,
        user.avatar_address,
    )


@register.simple_tag
def color_mark(color: str) -> SafeString:
    """Draw a project's colour as a dot; an empty one when it has none that can be drawn."""
    if not is_drawable(color):
        return format_html('<svg class="color-mark is-empty" {}><circle cx="8" cy="8" r="7"/></svg>', _MARK)
    return format_html(
        '<svg class="color-mark" {}><circle cx="8" cy="8" r="7" fill="{}"/></svg>', _MARK, color
    )


@register.simple_tag
def when(moment: datetime | None, missing: str = "–") -> SafeString | str:
    """Show a moment relative to now; the browser adds the exact time in the reader's time zone."""
    if moment is None:
        return missing
    exact = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        exact.isoformat(),
        exact.strftime("%d %b %Y %H:%M %Z"),
        naturaltime(moment),
    )


@register.simple_tag
def ring(percent: int, size: int = 48) -> SafeString:
    """Draw a progress ring with its percentage in the middle."""
    return format_html(
        '<svg class="progress-ring" viewBox="0 0 36 36" width="{size}" height="{size}" role="img"'
        ' aria-label="{percent}% labeled">'
        '<circle class="progress-ring-track" cx="18" cy="18" r="{radius}"/>'
        '<circle class="progress-ring-value" cx="18" cy="18" r="{radius}" stroke-dasharray="{percent} 100"'
        ' transform="rotate(-90 18 18)"/>'
        '<text x="18" y="18" text-anchor="middle" dominant-baseline="central">{percent}%</text></svg>',
        size=size,
        percent=percent,
        radius=RING_RADIUS,
    )


@register.simple_tag(takes_context=True)
def with_parameters(context: dict[str, Any], **parameters: Any) -> str:
    """Return the query string of this page with some parameters changed; None or "" takes one away."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in parameters.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def readable_json(value: Any) -> str:
    """Write a value as indented JSON."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


@register.filter
def preview(value: Any) -> str:
    """Write a value of a task's data in one short line."""
    return shorten(value)


@register.filter
def of_key(mapping: dict[Any, Any], key: Any) -> Any:
    """Return what a mapping holds for a key; None for nothing."""
    return mapping.get(key)
