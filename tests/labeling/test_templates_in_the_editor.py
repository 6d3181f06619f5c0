"""Every template opens in the real editor, under the product's own policy, and labels."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.labeling.config import parse
from apps.labeling.results import result_warnings
from apps.labeling.templates import labeling_templates
from tests.gallery.serving import served
from tests.gallery.trials import Trial, try_templates

pytestmark = pytest.mark.e2e
TEMPLATES = labeling_templates()


@pytest.fixture(scope="module")
def trials(request: pytest.FixtureRequest) -> dict[str, Trial]:
    """What happened to the templates of this run: all are opened, answered and submitted, several at once."""
    here = [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path
    ]
    asked = {str(item.callspec.params["name"]) for item in here}
    with (
        served() as address,
        ThreadPoolExecutor(1) as thread,
    ):  # a loop of its own: pytest's thread may have one
        return thread.submit(
            asyncio.run, try_templates(address, [TEMPLATES[name] for name in asked])
        ).result()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_opens_and_labels_in_the_editor(name: str, trials: dict[str, Trial]) -> None:
    trial = trials[name]

    assert trial.problems == []
    assert len(trial.shown.strip()) > 20
    assert trial.asked, "no question was answered"
    assert trial.asked - {item.get("from_name") for item in trial.result} == set()
    assert result_warnings(parse(trial.template.config), trial.result, trial.template.task) == []
