"""The ready-made labeling configs of `--template`."""

import pytest

from apps.labeling.templates import labeling_templates, template_synonyms
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.label_configs import read_label_config, template_path


@pytest.mark.parametrize("name", [*labeling_templates(), *template_synonyms()])
def test_every_template_is_a_usable_labeling_config(name: str) -> None:
    assert read_label_config(template_path(name)).startswith("<View")


def test_the_main_kinds_of_data_have_a_template() -> None:
    assert {
        "text_classification",
        "text_named_entity",
        "image_bbox",
        "image_classification",
        "audio_transcribe",
    } <= set(labeling_templates())


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(CommandError, match=r'Did you mean "image_bbox"\?'):
        template_path("image_box")
