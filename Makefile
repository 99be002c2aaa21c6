# Everything a fresh machine needs is set up by the two targets below, in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH ?= torch==2.13.0

.PHONY: demo test lint test-slow clean

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet -e '.[render,dev]'
	touch $@

.venv: $(VENV)/.ready

clean:
	rm -rf $(VENV) out build
