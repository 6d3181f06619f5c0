"""The ready-made labeling configs of `--template`."""

import pytest

from apps.labeling.templates import SYNONYMS, labeling_templates
from label_studio_server.cli.label_configs import read_label_config, template_path


@pytest.mark.parametrize("name", [*labeling_templates(), *SYNONYMS])
def test_every_template_is_a_usable_labeling_config(name: str) -> None:
    assert read_label_config(template_path(name)).startswith("<View>")


def test_the_main_kinds_of_data_have_a_template() -> None:
    assert {
        "text_classification",
        "text_named_entity",
        "image_bbox",
        "image_classification",
        "audio_transcribe",
    } <= set(labeling_templates())
