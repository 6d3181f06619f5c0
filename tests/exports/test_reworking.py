"""Tasks on their way into a file: several completions become one, and regions in videos get all their frames."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.exports.formats import CATALOGUE, ExportOptions, Report
from apps.exports.reworking import Reworking
from apps.labeling.config import parse
from apps.labeling.key_frames import MAX_FRAMES
from tests.exports.formats.answers import CONFIG as EVERYTHING
from tests.exports.formats.answers import answers, data

CONFIG = parse(
    """<View><Image name="image" value="$image"/>
    <Choices name="mood" toName="image"><Choice value="good"/><Choice value="bad"/></Choices>
    <RectangleLabels name="box" toName="image"><Label value="cat"/></RectangleLabels></View>"""
)


def reworked(task: dict[str, Any], report: Report | None = None, **options: bool) -> str:
    chosen = {"consensus": False, "interpolate": False, **options}
    rework = Reworking(config=CONFIG, report=report or Report(), **chosen)
    (text,) = rework([json.dumps(task)])
    return text


def mood(answer: str) -> dict[str, Any]:
    return {
        "id": "m",
        "from_name": "mood",
        "to_name": "image",
        "type": "choices",
        "value": {"choices": [answer]},
    }


def box(x: int) -> dict[str, Any]:
    place = {"x": x, "y": 0, "width": 20, "height": 20, "rotation": 0, "rectanglelabels": ["cat"]}
    return {"id": "b", "from_name": "box", "to_name": "image", "type": "rectanglelabels", "value": place}


def completion(pk: int, *result: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": pk, "completed_by": pk + 100, "result": list(result), "ground_truth": False, "lead_time": 1.5,
        "created_at": f"2026-01-01T10:00:{pk:02}+00:00", "result_count": len(result), "was_cancelled": False,
    }  # fmt: skip


def moving(*frames: int, **value: Any) -> dict[str, Any]:
    sequence = [{"frame": frame, "enabled": True, "x": frame, "time": frame / 10} for frame in frames]
    return {"id": "v", "type": "videorectangle", "value": {"sequence": sequence, "labels": ["car"], **value}}


def task(*completions: dict[str, Any]) -> dict[str, Any]:
    return {"id": 7, "data": {"image": "a.png", "large": 2**70}, "annotations": list(completions)}


class TestConsensus:
    @pytest.mark.parametrize("count", [0, 1])
    def test_a_task_without_several_answers_is_the_very_text(self, count: int) -> None:
        given = task(*(completion(pk, mood("good")) for pk in range(count)))
        assert reworked(given, consensus=True) == json.dumps(given)

    def test_an_answer_that_somebody_gave_stays_theirs(self) -> None:
        given = task(completion(1, mood("good")), completion(2, mood("good")), completion(3, mood("bad")))
        found = json.loads(reworked(given, consensus=True))
        assert found["data"] == given["data"]
        (answer,) = found["annotations"]
        assert {key: answer[key] for key in given["annotations"][1]} == given["annotations"][1]
        assert answer["consensus"]["is_merged"] is False

    def test_an_answer_of_several_people_is_nobodys(self) -> None:
        drawn = [
            completion(1, box(0), mood("bad")),
            completion(2, box(0)),
            completion(3, box(0), mood("odd")),
        ]
        given = task(*drawn, completion(4, mood("good")), completion(5, mood("good")))
        (answer,) = json.loads(reworked(given, consensus=True))["annotations"]
        assert answer["result"] == [box(0), mood("good")]
        assert (answer["id"], answer["completed_by"], answer["lead_time"]) == (3, None, None)
        assert answer["consensus"] == {
            "completions": [1, 2, 3, 4, 5], "agreement": 0.45, "by_control": {"mood": 0.4, "box": 0.5},
            "is_merged": True,
        }  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(labeled=st.data())
def test_answers_of_any_kind_come_to_one_that_somebody_gave(labeled: st.DataObject) -> None:
    shown = labeled.draw(data())
    said = [labeled.draw(answers(shown)) for _ in range(3)]
    given_task = task(*(completion(pk, *result) for pk, result in enumerate(said, start=1)))
    rework = Reworking(config=EVERYTHING, consensus=True, interpolate=True, report=Report())
    (text,) = rework([json.dumps(given_task)])
    (answer,) = json.loads(text)["annotations"]
    assert answer["consensus"]["completions"] == [1, 2, 3]
    assert all(any(item in result for result in said) for item in answer["result"])


class TestFrames:
    def test_regions_in_videos_get_the_frames_between(self) -> None:
        found = json.loads(reworked(task(completion(1, moving(1, 4), box(0))), interpolate=True))
        region, still = found["annotations"][0]["result"]
        assert [(frame["frame"], frame["x"]) for frame in region["value"]["sequence"]] == [
            (1, 1), (2, 2), (3, 3), (4, 4),
        ]  # fmt: skip
        assert (region["value"]["labels"], still) == (["car"], box(0))

    @pytest.mark.parametrize(
        "given",
        [
            task(completion(1, box(0))),
            task(completion(1, {"type": "x", "value": {"sequence": "none"}})),
            task(),
        ],
        ids=["no video", "something else of this name", "no answer"],
    )
    def test_a_task_without_key_frames_is_the_very_text(self, given: dict[str, Any]) -> None:
        assert reworked(given, interpolate=True) == json.dumps(given)

    def test_a_region_of_too_many_frames_is_left_and_reported(self) -> None:
        report = Report()
        region = moving(1, framesCount=MAX_FRAMES + 2)
        found = json.loads(reworked(task(completion(1, region)), report, interpolate=True))
        assert found["annotations"][0]["result"] == [region]
        assert [json.loads(row) for row in report.rows()] == [
            {
                "task": 7, "completion": 1, "region": "v",
                "problem": "the frames of a region are not filled in: it has more than 200,000 frames",
            }
        ]  # fmt: skip

    @pytest.mark.parametrize("name", ["JSON", "JSONL"])
    def test_formats_of_whole_tasks_hold_them(self, name: str) -> None:
        rework = Reworking(config=CONFIG, consensus=False, interpolate=True, report=Report())
        tasks = rework([json.dumps(task(completion(1, moving(1, 4))))])
        written = b"".join(CATALOGUE[name].write(tasks, ExportOptions(config=CONFIG)))
        assert written.count(b'"auto":true') == 2
