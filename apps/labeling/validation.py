"""Says everything that is wrong with a labeling config, in words for managers, each with line and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.labeling.checks.answers import check_answers
from apps.labeling.checks.attributes import check_attributes
from apps.labeling.checks.outline import Finding, Outline
from apps.labeling.checks.placement import check_placement
from apps.labeling.checks.references import check_references
from apps.labeling.config import LabelingConfig, read
from apps.labeling.problems import ConfigError, Problem
from apps.labeling.source import parse_xml

MAX_FINDINGS = 200
"""Nobody reads more; a config of ten thousand wrong labels is wrong in one way."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a labeling config, in the order of its lines.

    Attributes:
        config: the model; None when there are problems.
        problems: what keeps it from being used.
        warnings: what people should know of; it can be used all the same.
    """

    config: LabelingConfig | None
    problems: list[Problem]
    warnings: list[Problem]


def inspect(xml: str | bytes) -> Verdict:
    """Return everything that is wrong with `xml`; never raises."""
    try:
        root = parse_xml(xml)
    except ConfigError as error:
        return Verdict(None, error.problems, [])
    outline = Outline(root)
    findings = [
        *check_placement(outline), *check_attributes(outline), *check_references(outline), *check_answers(outline),
    ]  # fmt: skip
    problems = _in_order(finding for finding in findings if finding.blocks)
    warnings = _in_order(finding for finding in findings if not finding.blocks)
    return Verdict(None if problems else read(root), problems, warnings)


def _in_order(findings: Iterable[Finding]) -> list[Problem]:
    problems = [finding.problem for finding in findings]
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))[:MAX_FINDINGS]


def validate(xml: str | bytes) -> LabelingConfig:
    """Return the model of `xml`.

    Raises:
        ConfigError: listing every problem found, each with its line and column.
    """
    verdict = inspect(xml)
    if verdict.config is None:
        raise ConfigError(verdict.problems)
    return verdict.config
