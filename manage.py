#!/usr/bin/env python
"""Django's commands for this project; `python manage.py help` lists them."""

import sys

from label_studio_server.cli.manage import run

if __name__ == "__main__":
    sys.exit(run(sys.argv))
