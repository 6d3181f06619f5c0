"""Holds the services of a data directory until standard input ends: `python holder.py DIR KIND`."""

import json
import sys
from typing import cast

from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.ownership import OwnerKind
from label_studio_server.embedded.services import services


def main() -> None:
    directory = DataDirectory.at(sys.argv[1])
    kind = cast(OwnerKind, sys.argv[2])
    with services(directory, kind=kind, report=lambda message: None) as available:
        if available.ownership is not None and kind == "start":
            available.ownership.publish_address("http://localhost:4711")
        sys.stdout.write(json.dumps(available.environment) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
