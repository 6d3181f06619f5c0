"""JSON in the fields of serializers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core.json import loads


class StorableJSONField(serializers.JSONField):
    """JSON that Postgres can store, also as the text of a form, which the parser of JSON bodies never sees."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the document.

        Raises:
            ValidationFailed: a form's text is no JSON, or none that can be stored.
        """
        if getattr(data, "is_json_string", False):
            return loads(str(data), what=str(self.field_name))
        return data  # from the parser, which takes nothing else
