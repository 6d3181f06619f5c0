"""Annotated sets become tasks with completions or predictions of the config's controls."""

from __future__ import annotations

import io
import json
import random

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.imports.formats import UnreadableFile, UnreadableRow
from apps.imports.formats.masks import outlines
from apps.imports.formats.shapes import Size
from apps.labeling.config import parse
from tests.factories import make_picture
from tests.imports.formats.packing import tarred, zipped
from tests.imports.formats.reading import IMAGE, TEXT, Row, Store, items_of, problems_of, values_of

BOXES = parse('<View><Image name="i" value="$url"/><RectangleLabels name="b" toName="i"/></View>')
PICTURE = make_picture(200, 100)

percents = st.integers(0, 100).map(float)
boxes = st.lists(
    st.tuples(percents, percents, percents, percents, st.sampled_from(["cat", "dog"])), max_size=4
)


def result_of(row, key="predictions"):
    (answer,) = row[key]
    return answer["result"]


def box(number, x, y, width, height, label, control="box", to="image"):
    return {
        "id": f"r{number}", "from_name": control, "to_name": to, "type": "rectanglelabels",
        "original_width": 200, "original_height": 100, "image_rotation": 0,
        "value": {"x": x, "y": y, "width": width, "height": height, "rotation": 0.0, "rectanglelabels": [label]},
    }  # fmt: skip


def coco(images, annotations):
    return json.dumps(
        {
            "annotations": annotations,
            "info": {"year": 2024},
            "images": images,
            "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        }
    )


def image(identifier, name="a.jpg", width=200, height=100):
    return {"id": identifier, "file_name": name, "width": width, "height": height}


# COCO


@settings(deadline=None, max_examples=30)
@given(st.lists(boxes, min_size=1, max_size=4))
def test_boxes_written_as_coco_are_read_again(sets):
    annotations = [
        {
            "image_id": number,
            "category_id": {"cat": 1, "dog": 2}[label],
            "bbox": [2 * x, y, 2 * width, height],
        }
        for number, found in enumerate(sets)
        for x, y, width, height, label in found
    ]
    random.Random(1).shuffle(annotations)
    rows = values_of(
        coco([image(number) for number in range(len(sets))], annotations), "a.json", config=IMAGE
    )
    read = [
        sorted(
            (
                *(item["value"][key] for key in ("x", "y", "width", "height")),
                *item["value"]["rectanglelabels"],
            )
            for item in result_of(row)
        )
        for row in rows
    ]
    assert read == [sorted(found) for found in sets]


def test_polygons_of_coco_become_polygons_and_boxes_where_the_config_has_no_polygons():
    raw = coco([image(7)], [{"image_id": 7, "category_id": 2, "segmentation": [[20, 10, 100, 10, 100, 50]]}])
    (polygon,) = result_of(values_of(raw, config=IMAGE)[0])
    assert (polygon["type"], polygon["from_name"]) == ("polygonlabels", "shape")
    assert polygon["value"]["points"] == [[10.0, 10.0], [50.0, 10.0], [50.0, 50.0]]
    assert result_of(values_of(raw, config=BOXES)[0]) == [box(1, 10.0, 10.0, 40.0, 40.0, "dog", "b", "i")]


def test_a_mask_becomes_polygons_round_its_parts():
    # 4 × 3 pixels, down the columns: ·##·/·##·/···#
    runs = [3, 2, 1, 2, 3, 1]
    annotation = {"image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": runs}}
    found = result_of(values_of(coco([image(1, width=4, height=3)], [annotation]), config=IMAGE)[0])
    points = [
        sorted((x * 4 / 100, round(y * 3 / 100, 4)) for x, y in item["value"]["points"]) for item in found
    ]
    assert sorted(points) == [[(1, 0), (1, 2), (3, 0), (3, 2)], [(3, 2), (3, 3), (4, 2), (4, 3)]]
    text = "".join(chr(48 + number) for number in (3, 2, 1, 0, 2, 31))  # the same, in COCO's compressed text
    packed = {**annotation, "segmentation": {"size": [3, 4], "counts": text}}
    assert result_of(values_of(coco([image(1, width=4, height=3)], [packed]), config=IMAGE)[0]) == found


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=5))
def test_the_polygons_of_a_mask_cover_its_pixels_and_the_holes_in_it(columns):
    flat = [pixel for column in columns for pixel in column]
    runs, current = [0], False
    for pixel in flat:
        if pixel != current:
            runs.append(0)
            current = pixel
        runs[-1] += 1
    width = len(columns)
    annotation = {"image_id": 1, "category_id": 1, "segmentation": {"size": [5, width], "counts": runs}}
    row = values_of(coco([image(1, width=width, height=5)], [annotation]), config=IMAGE)[0]
    polygons = [
        [(x * width / 100, y * 5 / 100) for x, y in item["value"]["points"]]
        for item in result_of(row)
        if "points" in item["value"]
    ]
    for x, column in enumerate(columns):
        for y, pixel in enumerate(column):
            if pixel:
                assert any(inside((x + 0.5, y + 0.5), polygon) for polygon in polygons)


def inside(point, polygon):
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize(
    ("images", "annotations", "expected"),
    [
        ([image(1, width=0)], [], "image 1: the image's size cannot be 0 × 100"),
        ([{"id": 1, "file_name": "a"}], [], "image 1: the image's width and height are missing or no numbers"),
        ([image(1)], [{"image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4]}], "has the unknown category 9"),
        ([image(1)], [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3]}], "a bbox must be four numbers"),
        ([image(1)], [{"image_id": 1, "category_id": 1}], "has neither a bbox nor a segmentation"),
        ([image(1)], [{"image_id": 1, "category_id": 1, "segmentation": [[1, 2, 3]]}], "fewer than three points"),
        ([image(1)], [{"image_id": 1, "category_id": 1, "segmentation": {"size": [1], "counts": []}}], "is not the"),
        ([image(1)], [{"image_id": 1, "category_id": 1, "bbox": "abcd"}], "could not convert string to float"),
        ([7], [], "it is not as COCO has it"),
    ],
)  # fmt: skip
def test_an_image_of_coco_that_cannot_be_read_is_named(images, annotations, expected):
    raw = coco([*images, image(2)], annotations)
    (problem,) = problems_of(raw, entry="COCO", config=IMAGE)
    assert problem.startswith("image 1: ")
    assert expected in problem
    assert len(items_of(raw, entry="COCO", config=IMAGE)) == 2


def test_a_cut_off_coco_file_says_so():
    with pytest.raises(UnreadableFile, match="The JSON is broken or cut off"):
        items_of(coco([image(1)], [])[:-30], entry="COCO", config=IMAGE)


def test_coco_in_an_archive_finds_its_images():
    store = Store()
    raw = zipped(
        {"annotations/all.json": coco([image(1, "a.jpg"), image(2, "x/b.jpg")], []), "images/a.jpg": PICTURE}
    )
    rows = values_of(raw, "set.zip", config=IMAGE, store=store)
    assert [row["data"]["image"] for row in rows] == ["/data/upload/images/a.jpg", "x/b.jpg"]
    assert store.files == {"images/a.jpg": PICTURE}


def test_answers_can_be_completions_and_need_a_control():
    raw = coco([image(1)], [{"image_id": 1, "category_id": 1, "bbox": [20, 10, 100, 50]}])
    expected = {
        "data": {"url": "a.jpg"},
        "completions": [{"result": [box(1, 10.0, 10.0, 50.0, 50.0, "cat", "b", "i")]}],
    }
    assert values_of(raw, config=BOXES, answers_as="completions") == [expected]
    assert values_of(raw, config=BOXES, model_version="v1")[0]["predictions"][0]["model_version"] == "v1"
    with pytest.raises(UnreadableFile, match="no <RectangleLabels> or <PolygonLabels> to take them"):
        items_of(raw, config=TEXT)


# Pascal VOC


def voc(name, found, size=(200, 100)):
    objects = "".join(
        f"<object><name>{label}</name><bndbox><xmin>{2 * x}</xmin><ymin>{y}</ymin><xmax>{2 * (x + width)}</xmax>"
        f"<ymax>{y + height}</ymax></bndbox></object>"
        for x, y, width, height, label in found
    )
    return (
        f"<annotation><filename>{name}</filename><size><width>{size[0]}</width><height>{size[1]}</height></size>"
        f"{objects}</annotation>"
    )


@settings(deadline=None, max_examples=30)
@given(boxes)
def test_boxes_written_as_voc_are_read_again(found):
    (row,) = values_of(voc("a.jpg", found), "a.xml", config=IMAGE)
    assert row["data"] == {"image": "a.jpg"}
    assert result_of(row) == [box(number, *shape) for number, shape in enumerate(found, 1)]


def test_voc_in_an_archive_finds_its_images_and_names_broken_files():
    store = Store()
    files = {
        "Annotations/1.xml": voc("1.jpg", [(0.0, 0.0, 50.0, 50.0, "cat")]),
        "Annotations/2.xml": "<annotation><filename>",
        "Annotations/3.xml": voc("3.jpg", [], size=(0, 0)),
        "Annotations/4.xml": '<!DOCTYPE a [<!ENTITY b "c">]><annotation/>',
        "JPEGImages/1.jpg": PICTURE,
    }
    items = items_of(tarred(files), "set.tar", config=IMAGE, store=store)
    assert [item.place for item in items] == [f"set.tar › Annotations/{number}.xml" for number in range(1, 5)]
    assert isinstance(items[0], Row)
    assert items[0].value["data"] == {"image": "/data/upload/JPEGImages/1.jpg"}
    assert [item.problem.split(":")[0] for item in items[1:] if isinstance(item, UnreadableRow)] == [
        "It is not XML", "the image's size cannot be 0 × 0", "The XML holds a DTD or entities, which are not read",
    ]  # fmt: skip
    assert list(store.files) == ["JPEGImages/1.jpg"]


# YOLO


@settings(deadline=None, max_examples=30)
@given(boxes, st.sampled_from(["classes.txt", "data.yaml"]))
def test_boxes_written_as_yolo_are_read_again(found, names):
    lines = [
        f"{['cat', 'dog'].index(label)} {(x + width / 2) / 100} {(y + height / 2) / 100} {width / 100} {height / 100}"
        for x, y, width, height, label in found
    ]
    classes = "cat\ndog\n" if names == "classes.txt" else "names: {0: cat, 1: dog}\n"
    raw = zipped({names: classes, "images/train/a.png": PICTURE, "labels/train/a.txt": "\n".join(lines)})
    (row,) = values_of(raw, "set.zip", config=IMAGE)
    assert row["data"] == {"image": "/data/upload/images/train/a.png"}
    assert result_of(row) == [box(number, *shape) for number, shape in enumerate(found, 1)]


def test_yolo_knows_polygons_and_scores_and_images_without_answers():
    files: dict[str, bytes | str] = {
        "obj.names": "cat",
        "1.png": PICTURE,
        "1.txt": "0 0.1 0.2 0.3 0.2 0.3 0.4\n0 0.5 0.5 0.5 0.5 0.75\n",
        "2.png": PICTURE,
        "3.png": PICTURE,
        "3.txt": "",
    }
    one, two, three = values_of(zipped(files), "set.zip", config=IMAGE)
    assert one["predictions"][0]["score"] == 0.75
    assert [item["type"] for item in result_of(one)] == ["polygonlabels", "rectanglelabels"]
    assert result_of(one)[0]["value"]["points"] == [[10.0, 20.0], [30.0, 20.0], [30.0, 40.0]]
    assert two == {"image": "/data/upload/2.png"}
    assert result_of(three) == []


def test_a_broken_line_of_yolo_is_named():
    files: dict[str, bytes | str] = {
        "classes.txt": "cat",
        "1.png": PICTURE,
        "2.png": PICTURE,
        "3.png": PICTURE,
    }
    labels: dict[str, bytes | str] = {"1.txt": "\n0 0.1 0.2 0.3", "2.txt": "7 1 1 1 1", "3.txt": "0 a b c d"}
    assert problems_of(zipped(files | labels), "s.zip", config=IMAGE) == [
        "s.zip › 1.txt: line 2: 3 numbers are neither a box (4) nor a polygon (6, 8, 10 …)",
        's.zip › 2.txt: line 1: the class "7" is not one of the 1 that are named',
        "s.zip › 3.txt: line 1: could not convert string to float: 'a'",
    ]


# CoNLL-2003

tokens = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=6).filter(
    lambda token: not token.startswith("-DOCSTART-") and len(token.split()) == 1
)
chunks = st.tuples(st.lists(tokens, min_size=1, max_size=3), st.sampled_from([None, "PER", "LOC"]))
sentences = st.lists(st.lists(chunks, min_size=1, max_size=5), min_size=1, max_size=4)


@settings(deadline=None)
@given(sentences, st.sampled_from(["IOB2", "BIOES"]))
def test_entities_written_as_conll_are_read_again(document, scheme):
    raw = "-DOCSTART- -X- -X- O\n\n" + "\n".join(
        "".join(f"{line}\n" for line in conll_lines(sentence, scheme)) for sentence in document
    )
    rows = values_of(raw, entry="CONLL2003", encoding="utf-8")
    read = [
        (row["data"]["text"], [(item["value"]["text"], *item["value"]["labels"]) for item in result_of(row)])
        for row in rows
    ]
    assert read == [
        (
            " ".join(token for chunk, _ in sentence for token in chunk),
            [(" ".join(chunk), label) for chunk, label in sentence if label],
        )
        for sentence in document
    ]


def conll_lines(sentence, scheme):
    for chunk, label in sentence:
        for index, token in enumerate(chunk):
            last = index == len(chunk) - 1
            if label is None:
                tag = "O"
            elif scheme == "BIOES":
                tag = ("S" if last else "B") if index == 0 else ("E" if last else "I")
            else:
                tag = "B" if index == 0 else "I"
            yield f"{token} NN {tag if label is None else f'{tag}-{label}'}"


def test_the_first_iob_scheme_begins_entities_with_i():
    raw = "A I-PER\nb I-PER\nC B-PER\nin O\nD I-LOC\n"
    assert [item["value"]["text"] for item in result_of(values_of(raw, "a.conll")[0])] == ["A b", "C", "D"]


def test_a_broken_sentence_is_named():
    raw = "A B-PER\n\nx y\nalone\n\nB O\n"
    assert problems_of(raw, entry="CONLL2003") == [
        'line 3: "x y" on its line 1 is no token with a tag such as O or B-PER at its end'
    ]
    with pytest.raises(UnreadableFile, match="There is no sentence in it"):
        items_of("\n\n", entry="CONLL2003")


# spaCy and Prodigy


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), st.data())
def test_entities_written_for_spacy_or_prodigy_are_read_again(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    lines = [
        {"text": text, "entities": [[start, end, "PER"]]},
        {"text": text, "ents": [{"start": start, "end": end, "label": "PER"}], "tokens": []},
        [text, {"entities": [[start, end, "PER"]]}],
        {"text": text, "label": [[start, end, "PER"]]},
    ]
    prodigy = {
        "text": text,
        "_task_hash": 1,
        "spans": [{"start": start, "end": end, "label": "PER"}],
        "answer": "accept",
    }
    rows = values_of("\n".join(map(json.dumps, lines))) + values_of(json.dumps(prodigy) + "\n")
    for row in rows:
        assert row["data"] == {"text": text}
        (item,) = result_of(row)
        before, piece = units(text[:start]), text[start:end]
        assert item["value"] == {
            "start": before,
            "end": before + units(piece),
            "text": piece,
            "labels": ["PER"],
        }


def units(text):
    """Return the length of a text as the editor counts it."""
    return len(text.encode("utf-16-le")) // 2


def test_a_span_behind_an_emoji_stands_where_the_editor_counts_it():
    line = {"text": "😀 Ada", "entities": [[2, 5, "PER"]]}
    (item,) = result_of(values_of(json.dumps(line), entry="SPACY")[0])
    assert item["value"] == {"start": 3, "end": 6, "text": "Ada", "labels": ["PER"]}


def test_categories_of_spacy_become_choices_and_other_keys_stay():
    line = {"text": "a", "entities": [], "cats": {"good": 1, "bad": 0}, "shop": 7, "meta": {"by": "x"}}
    (row,) = values_of(json.dumps(line), entry="SPACY")
    assert (row["data"], row["meta"]) == ({"shop": 7, "text": "a"}, {"by": "x"})
    assert [item["value"] for item in result_of(row)] == [{"choices": ["good"]}]


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        ([[0, 9, "PER"]], "the entity [0, 9, PER] lies outside of the text's 3 characters"),
        ([[2, 1, "PER"]], "lies outside"),
        ([[True, 1, "PER"]], "lies outside"),
        ([[0, 1]], "an entity must be [start, end, label]"),
        (["x"], "an entity must be [start, end, label]"),
    ],
)
def test_an_entity_that_cannot_be_is_named(entities, expected):
    lines = "\n".join(
        map(json.dumps, [{"text": "abc", "entities": entities}, {"text": "abc", "entities": []}])
    )
    (problem,) = problems_of(lines, entry="SPACY")
    assert problem.startswith("line 1: ")
    assert expected in problem


def test_verdicts_of_prodigy_are_kept():
    lines = [
        {"text": "a", "_task_hash": 1, "answer": "accept", "options": [{"id": "good"}], "accept": ["good"]},
        {"text": "b", "_task_hash": 2, "answer": "ignore"},
        {"text": "c", "_task_hash": 3, "answer": "reject", "label": "good"},
    ]
    accepted, ignored, rejected = values_of("\n".join(map(json.dumps, lines)), answers_as="completions")
    assert [item["value"] for item in result_of(accepted, "completions")] == [{"choices": ["good"]}]
    assert ignored["completions"] == [{"result": [], "was_cancelled": True}]
    assert rejected == {"data": {"text": "c"}, "meta": {"prodigy_answer": "reject"}}


def test_images_of_prodigy_bring_boxes_and_polygons():
    points = [[20, 10], [120, 10], [120, 60], [20, 60]]
    line = {
        "image": "a.jpg", "width": 200, "height": 100, "_task_hash": 1, "answer": "accept",
        "spans": [{"type": "rect", "points": points, "label": "cat"}, {"points": points[:3], "label": "dog"}],
    }  # fmt: skip
    (row,) = values_of(json.dumps(line) + "\n", config=IMAGE)
    assert row["data"] == {"image": "a.jpg"}
    assert result_of(row)[0] == box(1, 10.0, 10.0, 50.0, 50.0, "cat")
    assert result_of(row)[1]["value"]["points"] == [[10.0, 10.0], [60.0, 10.0], [60.0, 60.0]]


# Hugging Face

INFO = {
    "text": {"dtype": "string", "_type": "Value"},
    "label": {"names": ["bad", "good"], "_type": "ClassLabel"},
    "tags": {"feature": {"names": ["O", "PER"], "_type": "ClassLabel"}, "_type": "Sequence"},
}


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_class_numbers_become_names_and_splits_meta(suffix):
    rows = [{"text": "a", "label": 1, "tags": [0, 1]}, {"text": "b", "label": -1, "tags": []}]
    table = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), table)
    content = table.getvalue() if suffix == "parquet" else "\n".join(map(json.dumps, rows))
    raw = zipped(
        {"set/dataset_info.json": json.dumps({"features": INFO}), f"set/data/train-00000.{suffix}": content}
    )
    assert values_of(raw, "set.zip") == [
        {"data": {"text": "a", "label": "good", "tags": ["O", "PER"]}, "meta": {"split": "train"}},
        {"data": {"text": "b", "label": None, "tags": []}, "meta": {"split": "train"}},
    ]


def test_features_that_a_parquet_file_declares_itself_are_used_and_its_images_stored():
    store = Store()
    info = {"info": {"features": {"image": {"_type": "Image"}, "label": INFO["label"]}}}
    rows = [{"image": {"bytes": PICTURE, "path": "a.png"}, "label": 0}]
    table = pyarrow.Table.from_pylist(rows).replace_schema_metadata({"huggingface": json.dumps(info)})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    assert values_of(file.getvalue(), "a.parquet", store=store) == [
        {"image": "/data/upload/a.png", "label": "bad"}
    ]
    assert store.files == {"a.png": PICTURE}


def test_a_folder_of_images_with_metadata_brings_their_columns():
    store = Store()
    lines = '{"file_name": "1.png", "shop": 7}\n{"file_name": "gone.png", "shop": 8}\n'
    raw = zipped({"train/metadata.jsonl": lines, "train/1.png": PICTURE})
    assert values_of(raw, "set.zip", store=store) == [
        {"data": {"image": "/data/upload/train/1.png", "shop": 7}, "meta": {"split": "train"}},
        {"data": {"file_name": "gone.png", "shop": 8}, "meta": {"split": "train"}},
    ]


def test_a_class_number_beyond_the_names_is_named():
    raw = zipped(
        {"dataset_info.json": json.dumps({"features": INFO}), "a.jsonl": '{"label": 5}\n{"label": 0}'}
    )
    assert problems_of(raw, "s.zip") == [
        "s.zip › a.jsonl › line 1: 5 is not the number of one of the 2 classes"
    ]


# Label Studio


def test_a_label_studio_export_is_told_and_its_tasks_come_as_they_are():
    rows = [
        {"id": 1, "data": {"text": "a"}, "annotations": [{"result": []}]},
        {"id": 2, "data": {"text": "b"}},
    ]
    raw = json.dumps(rows, indent=1)
    assert values_of(raw, "a.json") == rows
    assert items_of(raw) == items_of(raw, entry="LABEL_STUDIO")


@pytest.mark.parametrize("info", [b"{}", b'{"default": {}}', b"[]", b'{"features": 5}'])
def test_a_data_set_that_declares_no_features_is_read_without_them(info):
    content = zipped({"dataset_info.json": info, "a.jsonl": b'{"text": "a"}\n'})
    assert values_of(content, "a.zip") == [{"data": {"text": "a"}}]


def test_a_number_without_an_end_in_a_mask_is_refused_before_it_grows():
    mask = {"size": [10, 10], "counts": "P" * 1_000_000}
    with pytest.raises(ValueError, match="no image has room for"):
        outlines(mask, Size(10, 10))
