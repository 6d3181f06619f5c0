"""speech.wav and sounds.wav: two synthetic voices, and a bird, a bell and a siren."""

from __future__ import annotations

import math
import subprocess
import tempfile
import wave
from array import array
from pathlib import Path
from random import Random

RATE = 16_000
LINES = [
    ("en-gb+m3", "Good morning. Is the market open today?"),
    ("en-us+f2", "Yes, it is. It closes at noon."),
]
Samples = list[float]


def speech() -> Samples:
    """Return two people talking, spoken by the program espeak-ng.

    Raises:
        FileNotFoundError: espeak-ng or ffmpeg is not installed.
    """
    samples: Samples = [0.0] * (RATE // 4)
    with tempfile.TemporaryDirectory(prefix="gallery-") as folder:
        for number, (voice, text) in enumerate(LINES):
            spoken, resampled = Path(folder) / f"{number}.wav", Path(folder) / f"{number}-16k.wav"
            subprocess.run(["espeak-ng", "-v", voice, "-s", "165", "-w", str(spoken), text], check=True)
            command = [
                "ffmpeg",
                "-loglevel",
                "error",
                "-i",
                str(spoken),
                "-ar",
                str(RATE),
                "-ac",
                "1",
                str(resampled),
            ]
            subprocess.run(command, check=True)
            samples += [*_read(resampled), *[0.0] * (RATE // 3)]
    return samples


def sounds() -> Samples:
    """Return six seconds in a street: a hum, two calls of a bird, a bell and a passing siren."""
    chance = Random(2)
    samples = [
        0.02 * chance.uniform(-1, 1) + 0.03 * math.sin(math.tau * 90 * n / RATE) for n in range(6 * RATE)
    ]
    for start in (0.4, 1.1):
        for call in range(4):
            _add(samples, start + call * 0.13, _chirp(0.1, 2600 + 300 * call, 4200))
    _add(samples, 2.0, _bell(1.4, 620))
    _add(samples, 3.5, _siren(2.2))
    return samples


def write(path: Path, samples: Samples) -> None:
    """Write a mono WAV file of 16 bits a sample."""
    values = array("h", (round(max(-1.0, min(1.0, sample)) * 32_000) for sample in samples))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(values.tobytes())


def _read(path: Path) -> Samples:
    with wave.open(str(path), "rb") as file:
        return [value / 32_768 for value in array("h", file.readframes(file.getnframes()))]


def _add(samples: Samples, start: float, sound: Samples) -> None:
    offset = round(start * RATE)
    for number, value in enumerate(sound[: len(samples) - offset]):
        samples[offset + number] += value


def _chirp(seconds: float, low: float, high: float) -> Samples:
    count = round(seconds * RATE)
    return [
        0.3
        * math.sin(math.pi * n / count)
        * math.sin(math.tau * (low + (high - low) * n / count / 2) * n / RATE)
        for n in range(count)
    ]


def _bell(seconds: float, pitch: float) -> Samples:
    def at(time: float) -> float:
        tones = sum(math.sin(math.tau * pitch * part * time) / part for part in (1, 2.4, 3.9))
        return 0.22 * math.exp(-3 * time) * tones

    return [at(n / RATE) for n in range(round(seconds * RATE))]


def _siren(seconds: float) -> Samples:
    count, phase, samples = round(seconds * RATE), 0.0, Samples()
    for n in range(count):
        phase += math.tau * (760 if (n // (RATE // 2)) % 2 else 560) / RATE
        samples.append(0.35 * math.sin(math.pi * n / count) * math.sin(phase))
    return samples
