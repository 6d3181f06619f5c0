"""clip.webm: five seconds of a car that drives past hills, with the sound of its engine."""

from __future__ import annotations

import math
import subprocess
import tempfile
from pathlib import Path
from random import Random

from PIL import Image

from tests.gallery.samples import sounds
from tests.gallery.samples.canvas import Canvas

SIZE = (480, 270)
FRAMES_PER_SECOND, SECONDS = 12, 5


def write(path: Path) -> None:
    """Encode the video as VP8 with Opus sound.

    Raises:
        FileNotFoundError: ffmpeg is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="gallery-") as folder:
        sound = Path(folder) / "engine.wav"
        sounds.write(sound, _engine())
        command = [
            "ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
            "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(FRAMES_PER_SECOND), "-i", "-", "-i", str(sound),
            "-c:v", "libvpx", "-b:v", "220k", "-g", "12", "-pix_fmt", "yuv420p",
            "-c:a", "libopus", "-b:a", "24k", "-shortest", str(path),
        ]  # fmt: skip
        frames = b"".join(_frame(n).tobytes() for n in range(FRAMES_PER_SECOND * SECONDS))
        subprocess.run(command, input=frames, check=True)


def _frame(number: int) -> Image.Image:
    share = number / (FRAMES_PER_SECOND * SECONDS - 1)
    canvas = Canvas(*SIZE)
    canvas.gradient(0, 170, (150, 200, 235), (232, 243, 250))
    canvas.disc(400, 45, 20, "#fff3bf")
    canvas.disc(90 + 30 * share, 50, 16, "white")
    canvas.disc(112 + 30 * share, 44, 20, "white")
    canvas.disc(136 + 30 * share, 52, 15, "white")
    canvas.shape([(0, 170), (110, 90), (230, 165), (330, 105), (480, 170), (480, 190), (0, 190)], "#7f9f8c")
    canvas.shape([(0, 185), (160, 140), (320, 180), (480, 150), (480, 215), (0, 215)], "#6f9a5a")
    canvas.box(0, 205, 480, 65, "#5f6368")
    canvas.dashes([(x, 238) for x in range(-8, 500, 22)], "#f1f3f5", 3)
    for x in (60, 300, 420):
        canvas.box(x - 2, 168, 4, 38, "#6b4a2b")
        canvas.disc(x, 160, 15, "#37803f")
    _car(canvas, -110 + 640 * share, 232, share)
    return canvas.finished()


def _car(canvas: Canvas, x: float, foot: float, share: float) -> None:
    canvas.shape(
        [(x + 18, foot - 24), (x + 34, foot - 42), (x + 72, foot - 42), (x + 90, foot - 24)], "#a61e4d"
    )
    canvas.shape(
        [(x + 25, foot - 25), (x + 37, foot - 38), (x + 51, foot - 38), (x + 51, foot - 25)], "#cfe4f2"
    )
    canvas.shape(
        [(x + 55, foot - 25), (x + 55, foot - 38), (x + 70, foot - 38), (x + 82, foot - 25)], "#cfe4f2"
    )
    canvas.box(x, foot - 26, 108, 20, "#d6336c", 7)
    for wheel in (24, 84):
        canvas.disc(x + wheel, foot - 6, 10, "#212529")
        dx, dy = 6 * math.cos(share * 60), 6 * math.sin(share * 60)
        hub_x, hub_y = x + wheel, foot - 6
        canvas.line([(hub_x - dx, hub_y - dy), (hub_x + dx, hub_y + dy)], "#adb5bd", 2)


def _engine() -> sounds.Samples:
    """A hum that swells and falls in pitch as the car passes."""
    chance, phase, samples = Random(4), 0.0, sounds.Samples()
    for n in range(SECONDS * sounds.RATE):
        time = n / sounds.RATE - SECONDS / 2
        phase += math.tau * (130 - 26 * math.tanh(2 * time)) / sounds.RATE
        loudness = math.exp(-1.1 * time * time)
        tone = math.sin(phase) + 0.5 * math.sin(2 * phase) + 0.25 * math.sin(5 * phase)
        samples.append(loudness * (0.26 * tone + 0.18 * chance.uniform(-1, 1)))
    return samples
