"""Writes exports in tests, and reads them back."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from apps.exports.formats import CATALOGUE, ExportOptions
from apps.labeling.config import parse

TEXT = parse(
    '<View><Text name="text" value="$text"/>'
    '<Labels name="label" toName="text"><Label value="PER"/><Label value="LOC"/></Labels>'
    '<Choices name="mood" toName="text"><Choice value="good"/><Choice value="bad"/></Choices></View>'
)
IMAGE = parse(
    '<View><Image name="image" value="$image"/>'
    '<RectangleLabels name="box" toName="image"><Label value="cat"/><Label value="dog"/></RectangleLabels>'
    '<PolygonLabels name="shape" toName="image"><Label value="cat"/><Label value="dog"/></PolygonLabels>'
    '<BrushLabels name="brush" toName="image"><Label value="cat"/><Label value="dog"/></BrushLabels>'
    '<EllipseLabels name="round" toName="image"><Label value="cat"/></EllipseLabels>'
    '<KeyPointLabels name="point" toName="image"><Label value="nose"/><Label value="tail"/></KeyPointLabels>'
    "</View>"
)
SOUND = parse(
    '<View><AudioPlus name="audio" value="$audio"/>'
    '<Labels name="speaker" toName="audio"><Label value="A"/><Label value="B"/></Labels>'
    '<TextArea name="said" toName="audio" perRegion="true"/><TextArea name="all" toName="audio"/></View>'
)


def task(data: dict[str, Any], *results: list[dict[str, Any]], id: int = 1, **fields: Any) -> str:
    """Return a task as exports get it, with a completion for each of `results`."""
    completions = [
        {
            "id": id * 10 + number,
            "completed_by": 3,
            "result": result,
            "was_cancelled": False,
            "ground_truth": False,
            "created_at": f"2026-01-0{number + 1}T10:00:00+00:00",
            "updated_at": f"2026-01-0{number + 1}T10:00:00+00:00",
            "lead_time": 2.5,
        }
        for number, result in enumerate(results)
    ]
    return json.dumps({"id": id, "annotations": completions, "predictions": [], "data": data, **fields})


def span(start: int, end: int, *labels: str, id: str = "s", name: str = "label") -> dict[str, Any]:
    """Return a labeled span of TEXT; offsets count UTF-16 units, as the editor has them."""
    value = {"start": start, "end": end, "text": "", "labels": list(labels)}
    return {"id": id, "from_name": name, "to_name": "text", "type": "labels", "value": value}


def mood(*choices: str) -> dict[str, Any]:
    """Return a choice of TEXT."""
    return {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": list(choices)}}


def shape(
    name: str, value: dict[str, Any], *labels: str, size: tuple[int, int] | None = (200, 100), id: str = "r"
) -> dict[str, Any]:
    """Return a labeled region of IMAGE, on a picture of `size` in pixels."""
    kind = {"box": "rectangle", "shape": "polygon", "brush": "brush", "round": "ellipse", "point": "keypoint"}
    key = f"{kind[name]}labels"
    more = {"original_width": size[0], "original_height": size[1]} if size else {}
    return {
        "id": id, "from_name": name, "to_name": "image", "type": key, "value": {**value, key: list(labels)}, **more,
    }  # fmt: skip


def box(
    x: Any, y: Any, width: Any, height: Any, *labels: str, rotation: Any = 0, **more: Any
) -> dict[str, Any]:
    """Return a box of IMAGE, in percent."""
    value = {"x": x, "y": y, "width": width, "height": height, "rotation": rotation}
    return shape("box", value, *(labels or ("cat",)), **more)


def written(name: str, *tasks: str, config: Any = TEXT, **options: Any) -> bytes:
    """Return an export."""
    return b"".join(CATALOGUE[name].write(iter(tasks), ExportOptions(config=config, **options)))


def members(name: str, *tasks: str, config: Any = IMAGE, **options: Any) -> dict[str, bytes]:
    """Return the files of an archive; each name stands there once."""
    with zipfile.ZipFile(io.BytesIO(written(name, *tasks, config=config, **options))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {entry: archive.read(entry) for entry in names}


def problems(files: dict[str, bytes]) -> list[str]:
    """Return what report.json of an archive names."""
    return [row["problem"] for row in json.loads(files["report.json"])["rows"]]
