"""The examples answer as a labeling server expects, and those that learn do learn."""

from __future__ import annotations

import base64
import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from label_studio_ml import LabelStudioMLBase
from label_studio_ml.brush import decode_mask, encode_mask
from label_studio_ml.cli.making import EXAMPLES, Example
from label_studio_ml.labeling_config import parse
from label_studio_ml.loading import build_model, load_model_class
from label_studio_ml.offsets import Offsets
from label_studio_ml.project import Project
from label_studio_ml.serving.settings import ServerSettings
from label_studio_ml.state import State
from label_studio_ml.training.process import run
from label_studio_ml.training.queue import TrainingQueue
from label_studio_ml.validation import checked_predictions

Task = dict[str, Any]


class Workbench:
    """One example with a model directory of its own."""

    def __init__(self, example: Example, folder: Path) -> None:
        self.config = (EXAMPLES / example.value / "label_config.xml").read_text()
        self.settings = ServerSettings(EXAMPLES / example.value / "model.py", folder)
        self.state = State(folder)

    def model(self) -> LabelStudioMLBase:
        return build_model(load_model_class(self.settings.script), Project(self.state, "p"), self.config, {})

    def learn(self, tasks: list[Task]) -> None:
        queue = TrainingQueue(self.state)
        job = queue.start_now("p", "START_TRAINING", {"tasks": tasks}, self.config)
        queue.claim("the test", 1)
        assert run(self.settings, job.id, 1), queue.job(job.id).error

    def predict(self, tasks: list[Task]) -> list[Any]:
        model = self.model()
        return checked_predictions(model.predict(tasks), tasks, parse(self.config), model.model_version)


def completed(number: int, data: dict[str, Any], *items: dict[str, Any]) -> Task:
    return {"id": number, "data": data, "annotations": [{"id": number, "result": list(items)}]}


def chosen(control: str, target: str, choice: str) -> dict[str, Any]:
    return {"from_name": control, "to_name": target, "type": "choices", "value": {"choices": [choice]}}


def choice_of(prediction: dict[str, Any]) -> str | None:
    return prediction["result"][0]["value"]["choices"][0] if prediction["result"] else None


def data_url(picture: Image.Image) -> str:
    content = io.BytesIO()
    picture.save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


# --- Texts ------------------------------------------------------------------------------------------------

WORDS = {
    "Good": ["lovely", "wonderful", "friendly", "fresh", "charming", "perfect", "warm", "kind"],
    "Bad": ["dreadful", "dirty", "rude", "stale", "noisy", "broken", "cold", "late"],
}
PLACES = ["the hotel", "our room", "the bus", "the waiter", "breakfast", "the pool"]


def reviews(count: int, seed: int) -> list[tuple[str, str]]:
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        label = chance.choice(["Good", "Bad"])
        first, second = chance.sample(WORDS[label], 2)
        found.append((f"{chance.choice(PLACES)} was {first} and {chance.choice(PLACES)} was {second}", label))
    return found


def test_the_text_classifier_learns_and_is_less_sure_of_what_it_has_not_seen(tmp_path):
    bench = Workbench(Example.TEXT_CLASSIFIER, tmp_path)
    held_out = reviews(60, seed=2)
    tasks = [{"id": number, "data": {"text": text}} for number, (text, _) in enumerate(held_out)]
    assert [prediction["score"] for prediction in bench.predict(tasks)] == [0.0] * 60
    version = bench.model().model_version
    bench.learn(
        [
            completed(n, {"text": text}, chosen("mood", "text", label))
            for n, (text, label) in enumerate(reviews(40, 1))
        ]
    )
    found = bench.predict(tasks)
    right = sum(
        choice_of(prediction) == label for prediction, (_, label) in zip(found, held_out, strict=True)
    )
    assert right >= 54
    unknown, known = bench.predict(
        [{"id": 1, "data": {"text": "zzz"}}, {"id": 2, "data": {"text": "lovely and warm"}}]
    )
    assert unknown["score"] < known["score"]
    assert bench.model().model_version != version


@pytest.mark.parametrize("labels", [[], ["Good"], ["Good", "Good"]], ids=["nothing", "one", "alike"])
def test_the_text_classifier_waits_for_two_different_choices(tmp_path, labels):
    bench = Workbench(Example.TEXT_CLASSIFIER, tmp_path)
    bench.learn(
        [completed(n, {"text": "x"}, chosen("mood", "text", label)) for n, label in enumerate(labels)]
    )
    assert bench.model().model_version == "0.0.1"
    assert bench.predict([{"id": 1, "data": {"text": "x"}}])[0]["result"] == []


PEOPLE = ["Ada", "Grace", "Alan", "Mary", "Edsger", "Barbara"]
TOWNS = ["Leeds", "Paris", "Kyoto", "Cairo", "Lima", "Oslo"]
FORMS = [
    "{p} lives in {t}.",
    "👋 In {t} we met {p} again.",
    "Yesterday {p} flew to {t}.",
    "{p} wrote from {t}.",
]


def sentence(chance: random.Random, people: list[str], towns: list[str]) -> tuple[str, list[dict[str, Any]]]:
    person, town = chance.choice(people), chance.choice(towns)
    text = chance.choice(FORMS).format(p=person, t=town)
    offsets = Offsets(text)
    items = []
    for word, label in ((person, "Person"), (town, "Place")):
        start = text.index(word)
        value = {
            "start": offsets.to_browser(start),
            "end": offsets.to_browser(start + len(word)),
            "text": word,
            "labels": [label],
        }
        items.append({"from_name": "label", "to_name": "text", "type": "labels", "value": value})
    return text, items


def test_the_tagger_finds_names_that_it_has_never_seen(tmp_path):
    bench = Workbench(Example.NAMED_ENTITIES, tmp_path)
    chance = random.Random(3)
    bench.learn(
        [
            completed(number, {"text": text}, *items)
            for number, (text, items) in enumerate(sentence(chance, PEOPLE[:4], TOWNS[:4]) for _ in range(60))
        ]
    )
    held_out = [sentence(chance, PEOPLE[4:], TOWNS[4:]) for _ in range(20)]
    found = bench.predict(
        [{"id": number, "data": {"text": text}} for number, (text, _) in enumerate(held_out)]
    )
    spans = [
        {(item["value"]["start"], item["value"]["end"], item["value"]["labels"][0]) for item in items}
        for items in [*(prediction["result"] for prediction in found), *(items for _, items in held_out)]
    ]
    agreed = sum(len(mine & theirs) for mine, theirs in zip(spans[:20], spans[20:], strict=True))
    assert agreed >= 34


@given(text=st.text(max_size=30), at=st.integers(0, 30))
def test_offsets_come_back_from_the_browser(text, at):
    place = min(at, len(text))
    offsets = Offsets(text)
    assert offsets.to_python(offsets.to_browser(place)) == place
    assert offsets.to_browser(len(text)) == len(text.encode("utf-16-le", "surrogatepass")) // 2


# --- Pictures ---------------------------------------------------------------------------------------------


def scene(seed: int, kind: str) -> Image.Image:
    chance = random.Random(seed)
    sky = (
        (chance.randint(120, 200), chance.randint(170, 220), 250)
        if kind == "Day"
        else (5, 5, chance.randint(20, 70))
    )
    picture = Image.new("RGB", (60, 40), sky)
    ImageDraw.Draw(picture).rectangle(
        (chance.randint(0, 30), 25, 55, 39), fill=(chance.randint(0, 255), 90, 60)
    )
    return picture


def test_the_image_classifier_learns(tmp_path):
    bench = Workbench(Example.IMAGE_CLASSIFIER, tmp_path)
    kinds = ["Day", "Night"] * 8
    bench.learn(
        [
            completed(n, {"image": data_url(scene(n, kind))}, chosen("kind", "image", kind))
            for n, kind in enumerate(kinds)
        ]
    )
    tasks = [{"id": n, "data": {"image": data_url(scene(100 + n, kind))}} for n, kind in enumerate(kinds)]
    assert [choice_of(prediction) for prediction in bench.predict(tasks)] == kinds


def disc(seed: int) -> tuple[Image.Image, Image.Image]:
    chance = random.Random(seed)
    left, top = chance.randint(5, 40), chance.randint(5, 20)
    place = (left, top, left + 30, top + 30)
    noise = np.random.default_rng(seed).integers(0, 40, (60, 80, 3), dtype=np.uint8)
    picture = Image.fromarray(noise + np.uint8(60))
    ImageDraw.Draw(picture).ellipse(place, fill=(200, 60, 50))
    mask = Image.new("L", (80, 60))
    ImageDraw.Draw(mask).ellipse(place, fill=255)
    return picture, mask


def test_the_segmenter_learns_to_paint(tmp_path):
    bench = Workbench(Example.IMAGE_SEGMENTER, tmp_path)

    def painted(mask: Image.Image) -> dict[str, Any]:
        value = {"format": "rle", "rle": encode_mask(mask.tobytes()), "brushlabels": ["Object"]}
        size = {"original_width": 80, "original_height": 60}
        return {"from_name": "area", "to_name": "image", "type": "brushlabels", "value": value, **size}

    discs = [disc(seed) for seed in range(4)]
    bench.learn(
        [completed(n, {"image": data_url(picture)}, painted(mask)) for n, (picture, mask) in enumerate(discs)]
    )
    picture, mask = disc(50)
    [prediction] = bench.predict([{"id": 1, "data": {"image": data_url(picture)}}])
    found = np.frombuffer(decode_mask(prediction["result"][0]["value"]["rle"]), np.uint8) > 0
    wanted = np.asarray(mask).ravel() > 0
    assert (found & wanted).sum() / (found | wanted).sum() > 0.8


@settings(max_examples=50)
@given(mask=st.lists(st.tuples(st.sampled_from([0, 255]), st.integers(1, 40_000)), max_size=4))
def test_a_mask_comes_back_from_its_code(mask):
    content = b"".join(bytes([value]) * count for value, count in mask)
    assert decode_mask(encode_mask(content)) == content


def test_a_code_with_single_pixels_is_read():
    """Literal runs, as the editor writes them at soft edges; made by hand from the description of the code."""
    bits = f"{8:032b}{7:05b}{2:04b}{3:04b}{7:04b}{15:04b}" + "0" + "00" + f"{7:03b}"
    bits += "".join(f"{value:08b}" for value in (1, 2, 3, 40, 5, 6, 7, 80))
    code = [int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8)]
    assert decode_mask(code) == bytes([40, 80])


@pytest.mark.parametrize("length", [0, 4, 7], ids=["empty", "header", "runs"])
def test_a_code_that_breaks_off_is_refused(length):
    with pytest.raises(ValueError, match="breaks off"):
        decode_mask(encode_mask(bytes(1000))[:length])


def test_the_box_proposer_finds_what_stands_out(tmp_path):
    picture = Image.new("RGB", (200, 100), "white")
    drawn = [(20, 20, 79, 59), (120, 30, 179, 89)]
    for place in drawn:
        ImageDraw.Draw(picture).rectangle(place, fill="darkgreen")
    bench = Workbench(Example.BOX_PROPOSER, tmp_path)
    [prediction] = bench.predict([{"id": 1, "data": {"image": data_url(picture)}}])
    boxes = sorted((item["value"] for item in prediction["result"]), key=lambda box: box["x"])
    found = [[box["x"] * 2, box["y"], box["width"] * 2, box["height"]] for box in boxes]
    wanted = [[x, y, right - x + 1, bottom - y + 1] for x, y, right, bottom in drawn]
    assert np.abs(np.array(found) - np.array(wanted)).max() <= 4


def test_the_box_proposer_finds_nothing_in_an_empty_picture(tmp_path):
    bench = Workbench(Example.BOX_PROPOSER, tmp_path)
    picture = data_url(Image.new("RGB", (50, 50), "grey"))
    [prediction] = bench.predict([{"id": 1, "data": {"image": picture}}])
    assert (prediction["result"], prediction["score"]) == ([], 0.0)
