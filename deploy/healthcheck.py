"""Exit 0 when the web server in this container answers."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

TIMEOUT = 4.0  # seconds


def main() -> int:
    """Ask for the server's health; return the exit code."""
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8080')}/api/health"
    # The Host header is one that every configuration allows.
    request = urllib.request.Request(address, headers={"Host": "localhost"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return 0 if answer.status == 200 else 1
    except (OSError, urllib.error.URLError) as error:
        print(f"{address}: {error}", file=sys.stderr)  # noqa: T201 - what the engine shows
        return 1


if __name__ == "__main__":
    sys.exit(main())
