"""The same command and places as the tests of the command line."""

from tests.cli.conftest import label_studio, place

__all__ = ["label_studio", "place"]
