"""Which tasks a request is about: those that pass filters, all but some of them, or only some."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.core.errors import ValidationFailed
from apps.data_manager.conditions import Parameters

MAX_IDS = 100_000
MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything except `ids`, or only `ids`."""

    all: bool = True
    ids: tuple[int, ...] = field(default=())

    def sql(self, parameters: Parameters) -> str:
        """Return the condition in SQL."""
        if self.all and not self.ids:
            return "TRUE"
        return f"{'NOT ' if self.all else ''}t.id = ANY({parameters.mark(list(self.ids))}::bigint[])"

    def document(self) -> dict[str, Any]:
        """Return it as clients send it."""
        return {"all": self.all, "excluded" if self.all else "included": list(self.ids)}


EVERYTHING = Selection()


def read_selection(document: Any) -> Selection:
    """Return the selection of `{"all": true, "excluded": [ids]}` or `{"all": false, "included": [ids]}`.

    Raises:
        ValidationFailed: it is no such document, or holds more than `MAX_IDS` ids.
    """
    if not isinstance(document, dict) or not isinstance(document.get("all"), bool):
        raise _wrong(
            'selectedItems looks like {"all": true, "excluded": []} or {"all": false, "included": []}.'
        )
    name, other = ("excluded", "included") if document["all"] else ("included", "excluded")
    if document.get(other):
        raise _wrong(f'selectedItems with "all": {str(document["all"]).lower()} takes {name}, not {other}.')
    ids = document.get(name) or []
    if not isinstance(ids, list) or len(ids) > MAX_IDS:
        raise _wrong(f"{name} must be a list of at most {MAX_IDS:,} ids of tasks.")
    if not all(isinstance(pk, int) and not isinstance(pk, bool) and 0 <= pk <= MAX_ID for pk in ids):
        raise _wrong(f"{name} must hold ids of tasks, which are whole numbers.")
    return Selection(document["all"], tuple(ids))


def _wrong(message: str) -> ValidationFailed:
    return ValidationFailed(message, fields={"selectedItems": [message]})
