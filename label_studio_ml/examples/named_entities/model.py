"""A tagger of names in texts: each word is judged by itself and by its neighbours."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import joblib
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from label_studio_ml import LabelStudioMLBase, items_of
from label_studio_ml.offsets import Offsets

FILE = "tagger.joblib"
OUTSIDE = "O"
_WORD = re.compile(r"\w+|[^\w\s]")


class Word(NamedTuple):
    """A word or a sign of a text, with where Python has it."""

    text: str
    start: int
    end: int


class NamedEntities(LabelStudioMLBase):
    """Marks spans of a `<Text>` with `<Labels>`; the score is that of the least certain word."""

    latest_event_suffices = True

    def setup(self) -> None:
        """Load what the last training made."""
        self.from_name, self.to_name, self.key = self.get_first_tag_occurence("Labels", "Text")
        self.tagger: Pipeline | None = joblib.load(self.workdir / FILE) if self.workdir else None

    def predict(
        self, tasks: list[dict[str, Any]], context: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return the spans of each task; before any training nothing, with the lowest score."""
        return [self._prediction(str(task["data"].get(self.key, ""))) for task in tasks]

    def _prediction(self, text: str) -> dict[str, Any]:
        words = words_of(text)
        if self.tagger is None or not words:
            return {"result": [], "score": 0.0}
        chances = self.tagger.predict_proba(features_of(words))
        tags = [str(self.tagger.classes_[row.argmax()]) for row in chances]
        items = [self._item(text, *span) for span in spans_of(words, tags)]
        return {"result": items, "score": float(chances.max(axis=1).min())}

    def _item(self, text: str, start: int, end: int, label: str) -> dict[str, Any]:
        offsets = Offsets(text)
        value = {
            "start": offsets.to_browser(start),
            "end": offsets.to_browser(end),
            "text": text[start:end],
            "labels": [label],
        }
        return {"from_name": self.from_name, "to_name": self.to_name, "type": "labels", "value": value}

    def fit(self, event: str, data: dict[str, Any], **kwargs: Any) -> dict[str, Any] | None:
        """Learn from all completions; without a marked word there is nothing to learn."""
        features: list[dict[str, Any]] = []
        tags: list[str] = []
        for task in self.labeled_tasks(data):
            words = words_of(str(task["data"].get(self.key, "")))
            features += features_of(words)
            tags += self._tags(task, words)
        if len(set(tags)) < 2 or self.workdir is None:
            return None
        tagger = make_pipeline(DictVectorizer(), LogisticRegression(C=10, max_iter=1000))
        tagger.fit(features, tags)
        joblib.dump(tagger, self.workdir / FILE)
        return {"words": len(tags), "labels": sorted({tag[2:] for tag in tags if tag != OUTSIDE})}

    def _tags(self, task: dict[str, Any], words: list[Word]) -> list[str]:
        offsets = Offsets(str(task["data"].get(self.key, "")))
        tags = [OUTSIDE] * len(words)
        for item in items_of(task, self.from_name):
            value = item["value"]
            start, end = offsets.to_python(value["start"]), offsets.to_python(value["end"])
            inside = [index for index, word in enumerate(words) if start <= word.start < end]
            for place, index in enumerate(inside):
                tags[index] = f"{'I' if place else 'B'}-{value['labels'][0]}"
        return tags


def words_of(text: str) -> list[Word]:
    """Return the words and signs of a text."""
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]


def features_of(words: list[Word]) -> list[dict[str, Any]]:
    """Return what each word is judged by: its letters, its shape, and the words around it."""
    plain = ["", "", *(word.text for word in words), "", ""]
    return [
        {
            "word": plain[at].lower(),
            "end": plain[at][-3:].lower(),
            "title": plain[at].istitle(),
            "upper": plain[at].isupper(),
            "digit": plain[at].isdigit(),
            "before": plain[at - 1].lower(),
            "before that": plain[at - 2].lower(),
            "title before": plain[at - 1].istitle(),
            "after": plain[at + 1].lower(),
            "after that": plain[at + 2].lower(),
            "title after": plain[at + 1].istitle(),
        }
        for at in range(2, len(words) + 2)
    ]


def spans_of(words: list[Word], tags: list[str]) -> list[tuple[int, int, str]]:
    """Return start, end and label of each run of tags: one begins at B, or where the label changes."""
    spans: list[tuple[int, int, str]] = []
    before = OUTSIDE
    for word, tag in zip(words, tags, strict=True):
        if tag != OUTSIDE:
            label = tag[2:]
            if tag.startswith("I") and before != OUTSIDE and before[2:] == label:
                spans[-1] = (spans[-1][0], word.end, label)
            else:
                spans.append((word.start, word.end, label))
        before = tag
    return spans
