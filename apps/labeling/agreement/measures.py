"""Which measure fits a control."""

from __future__ import annotations

from collections.abc import Iterable

from apps.labeling.agreement.detection import ShapeComparison
from apps.labeling.agreement.labels import LabelComparison
from apps.labeling.agreement.masks import MaskComparison
from apps.labeling.agreement.numbers import NumberComparison
from apps.labeling.agreement.points import PointComparison
from apps.labeling.agreement.sides import Comparison
from apps.labeling.agreement.spans import SpanComparison
from apps.labeling.agreement.texts import TextComparison
from apps.labeling.config import ControlTag
from apps.labeling.tags import registry

_SHAPES = ("rectangle", "polygon", "ellipse")
_SPANS = ("span", "paragraphs", "time")


def comparison_for(control: ControlTag, shown: Iterable[str]) -> Comparison | str:
    """Return what compares the answers to a control, or why nothing does.

    Args:
        shown: the types of the object tags it is about.
    """
    tag = registry()[control.type]
    types = set(shown)
    if control.is_set("perRegion"):
        return "It is asked for each region, and regions of people and models are not the same ones."
    if tag.result in ("choices", "taxonomy", "pairwise"):
        return LabelComparison(control)
    if tag.result in ("rating", "number"):
        return NumberComparison(control)
    if tag.result == "textarea":
        return TextComparison(control)
    if tag.region == "brush":
        return MaskComparison(control)
    if tag.region == "keypoint":
        return PointComparison(control)
    if tag.region in _SHAPES or (tag.region == "span" and types == {"Image"}):
        return ShapeComparison(control)
    if tag.region in _SPANS and len(types) == 1:
        return SpanComparison(control, types.pop())
    return f"There is no measure for answers of <{control.type}>."
