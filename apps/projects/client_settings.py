"""Project settings that only clients of the Label Studio API read: kept as sent, with the defaults clients expect."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, Any] = {
    "control_weights": {},
    "evaluate_predictions_automatically": False,
    "is_draft": False,
    "is_published": True,
    "min_annotations_to_start_training": 0,
    "overlap_cohort_percentage": 100,
    "pinned_at": None,
    "reveal_preannotations_interactively": False,
    "show_annotation_history": False,
    "show_ground_truth_first": False,
    "show_overlap_first": False,
    "start_training_on_annotation_update": False,
}


def client_settings(stored: dict[str, Any]) -> dict[str, Any]:
    """Return all of them, the stored ones over the defaults."""
    return DEFAULTS | {name: stored[name] for name in DEFAULTS if name in stored}
