"""What becomes of tasks before a format writes them: one answer of several, the frames between key frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.exports.formats import Report
from apps.exports.formats.json_text import dumps, loads
from apps.exports.formats.tasks import Completion, Task
from apps.labeling.agreement.consensus import Answer, Consensus, consensus_of
from apps.labeling.config import LabelingConfig
from apps.labeling.key_frames import TooManyFrames, has_key_frames, interpolated

_SEQUENCE = '"sequence"'
_OF_ONE_PERSON = {
    "completed_by": None, "updated_by": None, "unique_id": None, "lead_time": None, "ground_truth": False,
    "review": "", "reviewed_by": None, "reviewed_at": None, "parent_prediction": None, "parent_annotation": None,
}  # fmt: skip
"""What cannot be said of an answer that several people gave together."""


@dataclass(frozen=True, slots=True)
class Reworking:
    """How tasks are changed on their way into a file.

    Args:
        consensus: several completions of a task become one.
        interpolate: regions in videos get the frames between their key frames.
        report: takes what was left as it is.
    """

    config: LabelingConfig
    consensus: bool
    interpolate: bool
    report: Report

    def __call__(self, tasks: Iterable[str]) -> Iterable[str]:
        """Return `tasks`, each a JSON text, changed; those that nothing is to be done to are the very texts."""
        return self._changed(tasks) if self.consensus or self.interpolate else tasks

    def _changed(self, tasks: Iterable[str]) -> Iterator[str]:
        for text in tasks:
            fills = self.interpolate and _SEQUENCE in text
            if not (self.consensus or fills):
                yield text
                continue
            task: Task = loads(text)
            agrees = self.consensus and self._agree(task)
            yield dumps(task).decode() if (fills and self._fill(task)) or agrees else text

    def _agree(self, task: Task) -> bool:
        """Put one completion in the place of several; return whether there were several."""
        completions: list[Completion] = task["annotations"]
        if len(completions) < 2:
            return False
        by_id = {completion["id"]: completion for completion in completions}
        found = consensus_of(map(_answer, completions), self.config)
        task["annotations"] = [_consensus_document(by_id[found.base.id], found)]
        return True

    def _fill(self, task: Task) -> bool:
        """Fill in the frames of all regions; return whether there are any."""
        moving = [
            (item, completion)
            for completion in task["annotations"]
            for item in completion["result"]
            if has_key_frames(item)
        ]
        for item, completion in moving:
            self._fill_region(item, task, completion)
        return bool(moving)

    def _fill_region(self, item: dict[str, Any], task: Task, completion: Completion) -> None:
        try:
            item["value"] = interpolated(item["value"])
        except TooManyFrames as error:
            self.report.add(
                f"the frames of a region are not filled in: {error}",
                task=task["id"], completion=completion["id"], region=item.get("id"),
            )  # fmt: skip


def _answer(completion: Completion) -> Answer:
    return Answer(
        id=completion["id"],
        result=completion["result"],
        ground_truth=completion["ground_truth"],
        created_at=completion["created_at"],
    )


def _consensus_document(base: Completion, found: Consensus) -> Completion:
    """Return the completion that stands for several, with how it came about."""
    document = base if found.is_whole else {**base, **_OF_ONE_PERSON}
    return {
        **document,
        "result": found.result,
        "result_count": len(found.result),
        "consensus": {
            "completions": list(found.compared),
            "agreement": found.agreement,
            "by_control": found.shares,
            "is_merged": not found.is_whole,
        },
    }
