# make demo   set up, explain a photograph, write demo.png
# make test   set up, run every test
# make lab    open JupyterLab
# make lint   check style
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NOTEBOOKS := $(wildcard notebooks/*.ipynb solutions/*/*.ipynb)

.PHONY: help setup demo test lint notebooks lab clean

help:
	@sed -n 's/^# //p' Makefile

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || \
		{ echo 'Python 3.10 to 3.13 is needed (TensorFlow has no newer one): make PYTHON=python3.12 ...' >&2; exit 1; }
	@echo 'Installing TensorFlow and the rest into $(VENV): this takes a few minutes.'
	@$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

$(VENV)/.installed-lab: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[lab,networks]'
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/tpvis explain dalmatian --output demo.png

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest
ifneq ($(NOTEBOOKS),)
	$(MAKE) notebooks
endif

notebooks: $(VENV)/.installed-test
	$(BIN)/python -m pytest --nbval $(NOTEBOOKS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lab: $(VENV)/.installed-lab
	$(BIN)/jupyter lab

clean:
	rm -rf $(VENV) demo.png
