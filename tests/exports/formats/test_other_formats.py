"""JSON Lines, speech manifests, timelines, the completions directory; and what every format does with nothing."""

from __future__ import annotations

import csv
import io
import json
import wave
import zipfile

import pytest

from apps.exports.formats import CATALOGUE, ExportOptions
from apps.exports.formats.wave_length import seconds_of
from apps.labeling.config import parse
from apps.labeling.samples import sample_task
from apps.labeling.templates import labeling_templates
from tests.exports.formats.writing import IMAGE, SOUND, members, mood, task, written
from tests.imports.formats.reading import values_of


def speech(start: float, end: float, speaker: str, text: str, id: str) -> list[dict]:
    """Return a region of SOUND with what is said in it."""
    place = {"start": start, "end": end}
    shown = {"id": id, "to_name": "audio", "original_length": 12.5}
    return [
        {**shown, "from_name": "speaker", "type": "labels", "value": {**place, "labels": [speaker]}},
        {**shown, "from_name": "said", "type": "textarea", "value": {**place, "text": [text]}},
    ]


WHOLE = {"from_name": "all", "to_name": "audio", "type": "textarea", "value": {"text": ["Hello.", "Bye."]}}


def test_json_lines_hold_the_tasks_as_they_are_and_import_back():
    first, second = task({"text": "é\n"}, [mood("good")]), task({"text": "b"}, [], id=2)
    raw = written("JSONL", first, second)
    assert raw == f"{first}\n{second}\n".encode()
    assert [row["data"] for row in values_of(raw, "x.jsonl", "JSONL")] == [{"text": "é\n"}, {"text": "b"}]


def test_a_manifest_has_whole_recordings_and_parts_of_them():
    files = members(
        "ASR_MANIFEST",
        task({"audio": "/a/b.wav"}, [WHOLE, *speech(1, 2.5, "A", "Hello.", "x")]),
        config=SOUND,
    )
    assert [json.loads(line) for line in files["manifest.json"].splitlines()] == [
        {"audio_filepath": "/a/b.wav", "duration": 1.5, "text": "Hello.", "offset": 1},
        {"audio_filepath": "/a/b.wav", "duration": 12.5, "text": "Hello. Bye."},
    ]


def test_a_manifest_names_packed_recordings_and_reports_unknown_lengths():
    files = members(
        "ASR_MANIFEST", task({"audio": "/a/b.wav"}, [WHOLE]), config=SOUND, media=lambda address: [b"RIFF"]
    )
    assert json.loads(files["manifest.json"])["audio_filepath"] == "audio/b.wav"
    assert files["audio/b.wav"] == b"RIFF"
    assert json.loads(files["report.json"])["rows"][0]["problem"] == (
        "the length of a recording is unknown; its duration is null"
    )


def wav(seconds: float, *, rate: int = 8_000) -> bytes:
    """Return a recording of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(2 * int(seconds * rate)))
    return file.getvalue()


def test_a_packed_recording_tells_its_own_length_however_it_comes_in_pieces():
    raw = wav(1.25)
    files = members(
        "ASR_MANIFEST",
        task({"audio": "/a/b.wav"}, [WHOLE]),
        config=SOUND,
        media=lambda address: [raw[:10], raw[10:50], raw[50:]],
    )
    assert files["audio/b.wav"] == raw
    assert json.loads(files["manifest.json"])["duration"] == 1.25
    assert json.loads(files["report.json"])["problems"] == 0


def test_a_recording_that_was_written_while_it_was_made_has_no_length():
    raw = wav(1.25)
    endless = raw[:40] + b"\xff\xff\xff\xff" + raw[44:]
    assert (seconds_of(raw), seconds_of(endless), seconds_of(b"ID3" + raw)) == (1.25, None, None)


def test_a_recording_that_is_missing_keeps_its_address():
    files = members(
        "ASR_MANIFEST", task({"audio": "/a/b.wav"}, [WHOLE]), config=SOUND, media=lambda address: None
    )
    assert json.loads(files["manifest.json"])["audio_filepath"] == "/a/b.wav"
    assert [row["problem"] for row in json.loads(files["report.json"])["rows"]] == [
        'the file behind "/a/b.wav" is not to be had; it is left out',
        "the length of a recording is unknown; its duration is null",
    ]


def test_a_timeline_has_a_row_for_each_label():
    raw = written(
        "TIMELINE", task({"audio": "/b.wav"}, [*speech(1, 2.5, "A", "=Hi", "x"), WHOLE]), config=SOUND
    )
    assert list(csv.DictReader(io.StringIO(raw.decode()))) == [
        {
            "task": "1", "completion": "10", "source": "/b.wav", "control": "speaker", "region": "x",
            "start": "1", "end": "2.5", "instant": "false", "label": "A", "text": "'=Hi",
        }
    ]  # fmt: skip


def test_the_completions_directory_is_as_the_flask_era_kept_it():
    files = members("COMPLETIONS", task({"text": "a"}, [mood("good")], id=3))
    raw = files["completions/3.json"].decode()
    assert json.loads(raw) == {
        "id": 3, "data": {"text": "a"},
        "completions": [{"id": 30, "result": [mood("good")], "lead_time": 2.5, "created_at": 1767261600}],
    }  # fmt: skip
    assert raw.startswith('{\n  "completions": [')


FITTING = [
    (name, template.name)
    for name, entry in CATALOGUE.items()
    for template in labeling_templates().values()
    if entry.fits(parse(template.config)) is None
]


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_tasks_make_a_whole_file(name):
    config = parse(
        labeling_templates()[next(template for entry, template in FITTING if entry == name)].config
    )
    raw = written(name, config=config)
    if CATALOGUE[name].extension == "zip":
        assert "report.json" in zipfile.ZipFile(io.BytesIO(raw)).namelist()
    if CATALOGUE[name].extension == "json":
        assert json.loads(raw) == []


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("result", [None, {}, "x", [None, 1, {}], [{"from_name": ["x"], "value": []}]])
def test_results_of_any_kind_break_no_export(name, result):
    config = parse(
        labeling_templates()[next(template for entry, template in FITTING if entry == name)].config
    )
    assert written(name, task(sample_task(config), result), config=config)


@pytest.mark.parametrize("name", ["COCO", "YOLO", "COMPLETIONS"])
def test_an_archive_begins_before_all_tasks_are_read(name):
    tasks = iter(
        [task({"text": "a", "image": "/a.jpg"}, [mood("good")], id=number) for number in range(1, 501)]
    )
    options = ExportOptions(config=IMAGE)
    assert next(CATALOGUE[name].write(tasks, options)).startswith(b"PK")
    assert len(list(tasks)) > 400
