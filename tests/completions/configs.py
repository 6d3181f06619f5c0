"""Labeling configs that tests change one into another."""

from __future__ import annotations

from typing import Any


def boxes_config(
    *labels: str, control: str = "box", tag: str = "RectangleLabels", shown: str = "image"
) -> str:
    """Return a config that asks for boxes with these labels and for the scene."""
    options = "".join(f'<Label value="{label}"/>' for label in labels)
    return f"""<View>
  <Image name="{shown}" value="$image"/>
  <{tag} name="{control}" toName="{shown}">{options}</{tag}>
  <Choices name="scene" toName="{shown}"><Choice value="Indoor"/><Choice value="Outdoor"/></Choices>
</View>"""


def box(*labels: str, control: str = "box", shown: str = "image") -> dict[str, Any]:
    """Return the item of a box with these labels, as the editor serializes it."""
    return {
        "id": "r1",
        "from_name": control,
        "to_name": shown,
        "type": "rectanglelabels",
        "original_width": 800,
        "original_height": 600,
        "image_rotation": 0,
        "value": {"x": 1, "y": 2, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": list(labels)},
    }


def scene(name: str = "Indoor") -> dict[str, Any]:
    """Return the item of the answer to where a picture was taken."""
    value = {"choices": [name]}
    return {"id": "s1", "from_name": "scene", "to_name": "image", "type": "choices", "value": value}
