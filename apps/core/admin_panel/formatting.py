"""JSON as people read it."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString

MAX_CHARACTERS = 100_000


def formatted_json(value: Any) -> SafeString:
    """Return `value` indented, escaped, and cut off where it would choke a browser."""
    text = json.dumps(value, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
    note = f"\n… {len(text) - MAX_CHARACTERS:,} more characters" if len(text) > MAX_CHARACTERS else ""
    return format_html('<pre class="admin-json" tabindex="0">{}{}</pre>', text[:MAX_CHARACTERS], note)
