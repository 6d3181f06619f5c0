"""Frames between key frames lie on straight lines, exactly where the converter of Label Studio has them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.labeling.key_frames import MAX_FRAMES, TooManyFrames, has_key_frames, interpolated


def key(frame: int, x: float = 0, *, enabled: bool = True, **more: Any) -> dict[str, Any]:
    place = {"x": x, "y": 10, "width": 20, "height": 30, "rotation": 0, "time": frame / 10}
    return {"frame": frame, "enabled": enabled, **place, **more}


def frames(sequence: list[dict[str, Any]], **value: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = interpolated({"sequence": sequence, **value})["sequence"]
    return found


def numbers(sequence: list[dict[str, Any]], **value: Any) -> list[int]:
    return [frame["frame"] for frame in frames(sequence, **value)]


def test_everything_that_moves_lies_on_a_line_between_two_key_frames() -> None:
    first, last = key(1, 10, rotation=0), key(5, 30, y=50, width=40, height=10, rotation=90)
    found = frames([first, last])
    assert (found[0], found[-1]) == (first, last)
    assert found[2] == {
        "frame": 3, "enabled": True, "auto": True,
        "x": 20, "y": 30, "width": 30, "height": 20, "rotation": 45, "time": 0.3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sequence", "value", "expected"),
    [
        pytest.param([key(1), key(3)], {}, [1, 2, 3], id="between two"),
        pytest.param([key(3), key(1)], {}, [1, 2, 3], id="in any order"),
        pytest.param([key(1), key(3, enabled=False), key(6), key(8)], {}, [1, 2, 3, 6, 7, 8], id="unseen in between"),
        pytest.param([key(2)], {"framesCount": 5}, [2, 3, 4, 5], id="up to the end of the video"),
        pytest.param([key(2, enabled=False)], {"framesCount": 5}, [2], id="not behind the end of what is seen"),
        pytest.param([key(2)], {}, [2], id="a video of unknown length"),
        pytest.param([key(7)], {"framesCount": 5}, [7], id="a key frame behind the end of the video"),
        pytest.param([key(2), key(2)], {}, [2, 2], id="two of one number"),
        pytest.param([{"frame": 1}, {"frame": 3}], {}, [1, 2, 3], id="without a place"),
    ],
)  # fmt: skip
def test_which_frames_there_are(sequence: Any, value: dict[str, Any], expected: list[int]) -> None:
    assert numbers(sequence, **value) == expected


def test_time_goes_on_to_the_end_of_the_video() -> None:
    found = frames([key(10)], framesCount=20, duration=4)
    assert [found[5]["time"], found[-1]["time"]] == [2.5, 4.0]


def test_more_frames_than_memory_should_hold_are_refused() -> None:
    assert len(numbers([key(0), key(MAX_FRAMES)])) == MAX_FRAMES + 1
    with pytest.raises(TooManyFrames):
        frames([key(0)], framesCount=MAX_FRAMES + 1)


@pytest.mark.parametrize(
    "item",
    [
        None, {}, {"value": None}, {"value": {"sequence": []}}, {"value": {"sequence": [1]}},
        {"value": {"sequence": [{"frame": "1"}]}}, {"value": {"sequence": [{"frame": 10**400}]}},
    ],
    ids=["nothing", "no value", "null", "no frames", "no objects", "a text", "a number beyond all videos"],
)  # fmt: skip
def test_what_has_no_key_frames_is_told_apart(item: Any) -> None:
    assert not has_key_frames(item)


_places = st.floats(0, 100).map(lambda number: round(number, 2))
_keys = st.lists(
    st.builds(
        lambda number, x, width, rotation, enabled: key(number, x, width=width, rotation=rotation, enabled=enabled),
        st.integers(1, 60), _places, _places, _places, st.booleans(),
    ),
    min_size=1, max_size=6, unique_by=lambda frame: frame["frame"],
)  # fmt: skip


@settings(deadline=None)
@given(sequence=_keys, count=st.integers(0, 80), duration=st.floats(7, 20))
def test_frames_are_those_of_the_converter(sequence: Any, count: int, duration: float) -> None:
    oracle = pytest.importorskip("label_studio_sdk._extensions.label_studio_tools.postprocessing.video")
    value = {"sequence": sequence, "framesCount": count, "duration": duration}
    [expected] = oracle.extract_key_frames([{"type": "videorectangle", "value": value}])

    found = interpolated(value)["sequence"]

    assert [frame["frame"] for frame in found] == [frame["frame"] for frame in expected["value"]["sequence"]]
    for ours, theirs in zip(found, expected["value"]["sequence"], strict=True):
        assert ours == pytest.approx(theirs, abs=0.011 if "auto" in ours else 1e-9)
