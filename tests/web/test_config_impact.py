"""What a labeling config would break, as lines of a dialog, and the decision that comes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from apps.core.errors import ValidationFailed
from apps.projects.config_changes import model_of
from apps.projects.config_impact import (
    ConfigBreaksAnswers,
    ControlChanged,
    ControlMissing,
    Effect,
    Impact,
    LabelRemoved,
    VariableMissing,
)
from apps.projects.models import Project
from apps.projects.renames import Renames
from apps.web.config_impact import Decision, ImpactItem, impact_items, read_decision, save_as_decided
from tests.factories import CHOICES_CONFIG

RENAMED = CHOICES_CONFIG.replace('"sentiment"', '"mood"').replace('"text"', '"review"')


def items_of(*effects: Effect, new: str = CHOICES_CONFIG, is_complete: bool = True) -> list[ImpactItem]:
    """Return the lines for effects of replacing the usual config by `new`."""
    impact = Impact(config_version=1, effects=effects, is_complete=is_complete)
    return impact_items(impact, model_of(CHOICES_CONFIG), model_of(new), Renames())


def posted(decision: str, **fields: list[str]) -> QueryDict:
    """Return what the dialog's form sends."""
    query = QueryDict(mutable=True)
    query["decision"] = decision
    for name, values in fields.items():
        query.setlist(name, values)
    return query


def test_a_removed_label_can_become_any_label_of_its_control() -> None:
    [item] = items_of(LabelRemoved("sentiment", "Bad", 12, 15, "Negative"))

    assert item.title == "Label “Bad” of “sentiment” is gone"
    assert item.detail == "Used 15 times in 12 completions"
    assert (item.targets, item.suggested) == (("Positive", "Negative"), "Negative")


def test_a_missing_control_can_become_a_new_one_of_its_kind() -> None:
    [item] = items_of(ControlMissing("sentiment", 1, 1, "mood"), new=RENAMED)

    assert (item.title, item.detail) == ("“sentiment” is gone", "Answered in 1 completion")
    assert (item.targets, item.suggested) == (("mood",), "mood")


def test_an_object_that_several_controls_lost_is_renamed_once() -> None:
    effects = [ControlChanged(name, "toName", "text", "", 3) for name in ("sentiment", "topic")]

    first, second = items_of(*effects, new=RENAMED)

    assert (first.targets, first.suggested) == (("review",), "review")
    assert second.targets == ()


def test_an_object_that_is_still_there_was_not_renamed() -> None:
    [item] = items_of(ControlChanged("sentiment", "toName", "text", "", 3))

    assert item.targets == ()


def test_another_kind_of_control_and_missing_data_can_only_be_kept() -> None:
    changed, missing = items_of(
        ControlChanged("sentiment", "type", "Choices", "Rating", 2), VariableMissing("image", 1_204)
    )

    assert changed.title == "“sentiment” was a Choices and is a Rating now"
    assert (missing.title, missing.detail) == ("The new config shows $image", "1,204 tasks do not have it")
    assert (changed.targets, missing.targets) == ((), ())


def test_uses_that_were_not_counted_are_left_out() -> None:
    [item] = items_of(LabelRemoved("sentiment", "Bad", 12, None, None))

    assert (item.detail, item.suggested) == ("Used in 12 completions", "")


def test_numbers_that_were_not_counted_to_the_end_say_so() -> None:
    [item] = items_of(VariableMissing("image", 20_000), is_complete=False)

    assert item.detail == "At least 20,000 tasks do not have it"


def test_the_choices_become_renames() -> None:
    post = posted(
        "rename",
        impact_item=[
            '["label","sentiment","Bad"]',
            '["control","topic",""]',
            '["object","sentiment","text"]',
            '["label","sentiment","Ugly"]',
        ],
        impact_name=["Negative", "subject", "review", ""],
    )

    decision = read_decision(post)

    assert decision.renames == Renames(
        controls={"topic": "subject"},
        labels={"sentiment": {"Bad": "Negative"}},
        objects={"text": "review"},
    )
    assert ("label", "sentiment", "Ugly") in decision.seen
    assert len(decision.seen) == 4


def test_keeping_renames_only_what_was_decided_before() -> None:
    post = posted(
        "keep",
        decided_item=['["control","sentiment",""]'],
        decided_name=["mood"],
        impact_item=['["label","sentiment","Bad"]'],
        impact_name=["Negative"],
    )

    decision = read_decision(post)

    assert decision.renames == Renames(controls={"sentiment": "mood"})
    assert decision.seen == {("control", "sentiment", ""), ("label", "sentiment", "Bad")}


def test_no_decision_is_an_empty_one() -> None:
    assert read_decision(QueryDict("label_config=x")) == Decision()


@pytest.mark.parametrize(
    "token", ["", "x", "{}", '["label"]', '["label", 1, 2]', '["label", "a", "\\u0000"]', "[" * 5_000]
)
def test_a_token_that_is_none_of_ours_is_refused(token: str) -> None:
    with pytest.raises(ValidationFailed, match="cannot be read"):
        read_decision(posted("keep", impact_item=[token], impact_name=[""]))


class Saves:
    """A save that breaks something unless told to keep it, and remembers how it was called."""

    def __init__(self, *effects: Effect) -> None:
        self.effects = effects
        self.calls: list[str] = []

    def __call__(self, on_impact: str, renames: Renames) -> Project:
        self.calls.append(on_impact)
        if on_impact == "refuse" and self.effects:
            raise ConfigBreaksAnswers(Impact(config_version=1, effects=self.effects))
        return Project(title="Saved")


BAD: Any = LabelRemoved("sentiment", "Bad", 1, 1)


def test_what_breaks_nothing_is_saved_at_once() -> None:
    save = Saves()

    assert save_as_decided(save, Decision()).title == "Saved"
    assert save.calls == ["refuse"]


def test_what_was_seen_is_kept() -> None:
    save = Saves(BAD)

    save_as_decided(save, Decision(seen=frozenset({("label", "sentiment", "Bad")})))

    assert save.calls == ["refuse", "keep"]


def test_what_nobody_has_seen_is_not_saved() -> None:
    save = Saves(BAD, VariableMissing("image", 1))

    with pytest.raises(ConfigBreaksAnswers):
        save_as_decided(save, Decision(seen=frozenset({("label", "sentiment", "Bad")})))
    assert save.calls == ["refuse"]
