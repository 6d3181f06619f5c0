"""The spans into which times and scores are sorted."""

from __future__ import annotations

BLOCK_BITS = 10
"""Completions whose ids differ only in so many last bits are counted together; the triggers say so, too."""

LEAD_TIME_BORDERS = (2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600)
"""Seconds at which a new span of lead times begins; the first one begins at 0, the last one has no end."""

SCORE_STEPS = 20
"""Into how many spans scores from 0 to 1 are sorted."""

BELOW, ABOVE, WITHOUT_SCORE = -1, SCORE_STEPS, -2
"""The spans of other scores."""


def lead_time_spans() -> list[tuple[int, int | None]]:
    """Return the spans of lead times, in seconds, from which (with) to which (without) each goes."""
    return list(zip((0, *LEAD_TIME_BORDERS), (*LEAD_TIME_BORDERS, None), strict=True))


def score_span(span: int) -> tuple[float | None, float | None]:
    """Return from which to which score a span goes; None has no border."""
    if span == WITHOUT_SCORE:
        return None, None
    if span == BELOW:
        return None, 0.0
    if span == ABOVE:
        return 1.0, None
    return span / SCORE_STEPS, (span + 1) / SCORE_STEPS
