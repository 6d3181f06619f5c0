"""The data set: texts of about 200 characters, the same in every run."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

LABEL_CONFIG = """
<View>
  <Labels name="label" toName="text">
    <Label value="Person"/><Label value="Place"/><Label value="Product"/>
  </Labels>
  <Text name="text" value="$text"/>
</View>
""".strip()

WORDS = (
    *("the", "of", "a", "to", "in", "was", "for", "on", "with", "said", "by", "new", "this", "had", "from"),
    *("harbour", "engine", "Lisbon", "Amira", "morning", "ledger", "copper", "bridge", "Okafor", "signal"),
    *("market", "winter", "council", "Kyoto", "paper", "river", "station", "Novak", "glass", "orchard"),
)
WORDS_PER_TEXT = 34
LANGUAGES = ("en", "pt", "ja", "ig", "cs", "ar", "fr")


def write_tasks(path: Path, count: int) -> None:
    """Write a JSON list of `count` tasks, row by row."""
    chooser = random.Random(7)
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            text = " ".join(chooser.choices(WORDS, k=WORDS_PER_TEXT))
            language = LANGUAGES[number % len(LANGUAGES)]
            row = json.dumps({"data": {"text": text, "source": f"article-{number}", "language": language}})
            stream.write(f"{',' if number else '['}\n{row}")
        stream.write("\n]\n")


def completion(text: str) -> dict[str, Any]:
    """Return what the editor submits for a text: two marked spans."""
    return {
        "lead_time": 7.25,
        "result": [
            {
                "id": f"span{start:06d}",
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "origin": "manual",
                "value": {
                    "start": start,
                    "end": start + 6,
                    "text": text[start : start + 6],
                    "labels": [label],
                },
            }
            for start, label in ((3, "Person"), (41, "Place"))
        ],
    }
