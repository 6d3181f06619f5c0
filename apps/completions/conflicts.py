"""What a change that came too late is told: both sides and what both started from, so that a person can merge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.completions.models import Revision
from apps.completions.revisions import StaleVersion
from apps.completions.serializers import CompletionSerializer, completion_document

_SENT = tuple(CompletionSerializer().fields)


@contextmanager
def telling_both_sides(body: Any) -> Iterator[None]:
    """Give a `StaleVersion` that is raised within the member `conflict` of the API's error document.

    Args:
        body: what the client sent, which is its side.

    Raises:
        StaleVersion: the very one, with `conflict` in its details.
    """
    try:
        yield
    except StaleVersion as error:
        base = Revision.objects.filter(completion_id=error.current.pk, version=error.started_from).first()
        error.details["conflict"] = {
            "mine": {name: body[name] for name in _SENT if name in body},
            "theirs": completion_document(error.current),
            "base": base and {"version": base.version, "result": base.result},
        }
        raise
