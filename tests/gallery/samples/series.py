"""series*.csv: what sensors of an invented boiler, pipe and wrist may have measured."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

START = datetime(2024, 3, 4, 6, 0)


def boiler() -> str:
    """Return temperature and pressure every ten minutes for two days, with one fault."""
    chance, lines = Random(7), ["time,temperature,pressure"]
    for number, time in enumerate(_times(288)):
        heating = 1 if 6 <= time.hour < 21 else 0.35
        temperature = 48 + 16 * heating + 3 * math.sin(number / 9) + chance.gauss(0, 0.6)
        pressure = 1.6 + 0.5 * heating + 0.08 * math.sin(number / 5) + chance.gauss(0, 0.02)
        if 198 <= number < 228:
            temperature += 24 * math.sin((number - 198) / 30 * math.pi)
            pressure -= 0.7 * math.sin((number - 198) / 30 * math.pi)
        lines.append(f"{time:%Y-%m-%d %H:%M},{temperature:.1f},{pressure:.2f}")
    return "\n".join(lines) + "\n"


def pipe() -> str:
    """Return the flow in a pipe every ten minutes for two days: a spike, a drop and a drift."""
    chance, lines = Random(8), ["time,flow"]
    for number, time in enumerate(_times(288)):
        flow = 22 + 5 * math.sin((time.hour - 8) / 24 * math.tau) + chance.gauss(0, 0.5)
        flow += 17 if 60 <= number < 64 else 0
        flow -= 14 if 130 <= number < 146 else 0
        flow += max(0, min(9, (number - 210) / 7))
        lines.append(f"{time:%Y-%m-%d %H:%M},{flow:.1f}")
    return "\n".join(lines) + "\n"


def wrist() -> list[tuple[int, float, float]]:
    """Return time in milliseconds and acceleration along two axes: at rest, walking, at rest."""
    chance, rows = Random(9), []
    for number in range(240):
        strength = 1 if 80 <= number < 180 else 0.05
        x = strength * math.sin(number / 2.6) + chance.gauss(0, 0.04)
        y = 1 + strength * 0.6 * math.sin(number / 1.3 + 1) + chance.gauss(0, 0.04)
        rows.append((number * 50, round(x, 3), round(y, 3)))
    return rows


def _times(count: int) -> Iterator[datetime]:
    return (START + timedelta(minutes=10 * number) for number in range(count))
