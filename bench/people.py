"""Make annotators and API tokens in a running data directory: `python -m bench.people DIR PROJECT COUNT`.

A process of its own, because it is Django. Prints a JSON list of tokens, the owner's first.
"""

from __future__ import annotations

import json
import os
import sys

import django

from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.services import services


def main() -> None:
    """Make them and print their tokens."""
    path, project, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with services(DataDirectory.at(path), kind="cli", report=lambda text: None) as available:
        os.environ.update(available.environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio_server.settings.base")
        django.setup()
        print(json.dumps(_tokens(project, count)))


def _tokens(project: int, count: int) -> list[str]:
    # They need the settings, which need the addresses.
    from apps.accounts.operators import acting_user
    from apps.accounts.services import create_api_token, create_user
    from apps.projects.membership import set_member

    tokens = [create_api_token(user=acting_user(None), name="bench")]
    for number in range(count):
        person = create_user(email=f"annotator-{number}@example.com")
        if project:
            set_member(project_id=project, user=person, role="annotator")
        tokens.append(create_api_token(user=person, name="bench"))
    return tokens


if __name__ == "__main__":
    main()
