"""Writes all sample files."""

from __future__ import annotations

from pathlib import Path

from tests.gallery.samples import clip, documents, indoors, science, series, sounds, street

PHOTOS = {
    "photo.jpg": street.street,
    "room.jpg": indoors.room,
    "face.jpg": indoors.face,
    "cells.jpg": science.cells,
    "xray.jpg": science.xray,
    "aerial.jpg": science.aerial,
}


def write_samples(folder: Path) -> None:
    """Write every sample file into `folder`.

    Raises:
        FileNotFoundError: espeak-ng or ffmpeg is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PHOTOS.items():
        draw().save(folder / name, quality=82, optimize=True, progressive=True)
    _write_documents(folder)
    _write_series(folder)
    sounds.write(folder / "speech.wav", sounds.speech())
    sounds.write(folder / "sounds.wav", sounds.sounds())
    clip.write(folder / "clip.webm")


def _write_documents(folder: Path) -> None:
    invoice, page = documents.invoice(), documents.page()
    invoice.save(folder / "invoice.png", optimize=True)
    page.save(folder / "page.png", optimize=True)
    sheets = [sheet.convert("L") for sheet in (invoice, page)]
    sheets[0].save(
        folder / "document.pdf", save_all=True, append_images=sheets[1:], resolution=96, quality=60
    )
    (folder / "page.html").write_text(documents.WEB_PAGE, encoding="utf-8")


def _write_series(folder: Path) -> None:
    rows = series.wrist()
    texts = {
        "series.csv": series.boiler(),
        "series_2.csv": series.pipe(),
        "series_no_time.csv": "\n".join(["x,y", *(f"{x},{y}" for _, x, y in rows)]) + "\n",
        "series_headless.csv": "\n".join(f"{time},{x},{y}" for time, x, y in rows) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
