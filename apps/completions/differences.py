"""What is different between two results; pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

_IDENTITY = ("id", "from_name", "type", "from_id", "to_id")
"""What makes an item the same one: the parts of a region share its id, relations have none."""


@dataclass(frozen=True, slots=True)
class Differences:
    """The items that came, went and changed, each by what makes it the same item."""

    added: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    removed: list[dict[str, Any]]

    def document(self) -> dict[str, list[dict[str, Any]]]:
        """Return it as JSON."""
        return asdict(self)


def differences(before: Iterable[dict[str, Any]], after: Iterable[dict[str, Any]]) -> Differences:
    """Return what changed from one result to another; order does not matter."""
    old, new = _by_identity(before), _by_identity(after)
    return Differences(
        added=[identity_of(item) for key, item in new.items() if key not in old],
        changed=[identity_of(item) for key, item in new.items() if key in old and item != old[key]],
        removed=[identity_of(item) for key, item in old.items() if key not in new],
    )


def identity_of(item: dict[str, Any]) -> dict[str, Any]:
    """Return what makes an item the same one in another version."""
    return {name: item[name] for name in _IDENTITY if name in item}


def _by_identity(items: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return items by a text of what makes them the same; the second of two equal ones is another."""
    found: dict[str, dict[str, Any]] = {}
    alike: Counter[str] = Counter()
    for item in items:
        text = json.dumps(identity_of(item), sort_keys=True)
        found[f"{text} {alike[text]}"] = item
        alike[text] += 1
    return found
