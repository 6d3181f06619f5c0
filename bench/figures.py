"""What is measured: durations of single requests, and the seconds a whole took."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Durations:
    """How long each of many equal requests took, in seconds."""

    seconds: list[float] = field(default_factory=list)

    def add(self, started: float) -> None:
        """Count a request that began at `started` (of `time.perf_counter`) and ends now."""
        self.seconds.append(time.perf_counter() - started)

    def extend(self, other: Durations) -> None:
        """Take over what another thread measured."""
        self.seconds.extend(other.seconds)

    def percentile(self, percent: float) -> float:
        """Return the smallest duration that `percent` of all do not exceed, in milliseconds."""
        return nearest_rank(self.seconds, percent) * 1000


def nearest_rank(values: Sequence[float], percent: float) -> float:
    """Return a percentile by the nearest-rank definition: always one of the values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


@dataclass(frozen=True)
class Pair:
    """One figure of the product beside the same one of bare PostgreSQL.

    Args:
        what: the figure's name.
        unit: of both values.
        product: measured over HTTP.
        bare: measured with psycopg2; None when there is nothing to compare with.
        more_is_better: whether a rate (more) or a duration (less) is measured.
    """

    what: str
    unit: str
    product: float
    bare: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times as long as bare PostgreSQL the product takes."""
        if not self.bare or not self.product:
            return None
        return self.bare / self.product if self.more_is_better else self.product / self.bare
