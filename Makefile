# make demo   set up, explain a photograph, write demo.png
# make test   set up, run every test, then every notebook (make notebooks)
# make lab    open JupyterLab
# make explore   ask a network live, in a browser
# make lint   check style
# make test-python PYTHON=python3.13   demo and tests with another Python, in a virtual environment of its own, empty caches
# make test-oldest PYTHON=python3.10   the same with the oldest libraries that pyproject.toml allows
# make site   all that there is to read, as a site: build/site/html/index.html
# make dist   the package as it is published: dist/, checked and tried in an empty environment
# make fuzz   ten minutes of damaged photographs, others each day
#
# For teachers (INSTRUCTORS.md):
# make translations     locale/ -> notebooks/fr/, solutions/fr/, exercises/fr/ (RUN=no: without running what is new)
# make exercises        solutions/ -> exercises/, what students get
# make release          the same, and grading/release/: all that students get, as a folder and zips (LANGUAGE=fr: in French)
# make collect FROM=export.zip   what Moodle or Canvas exports, or folders -> grading/submitted/<student>/<lab>/
# make grade-isolated   grading/submitted/<student>/<lab>/ -> grades.csv and feedback, the students' code without network
# make grade            the same with your own rights (AGAIN=1: also what has not changed; JOBS=2: so many at a time; PICTURES=1: run also the cells without marks; HIDDEN=no: feedback without hidden tests)
# make formgrader       mark the written answers
# make feedback LAB=tp1_gradient_saliency   pages for the students, in one zip for the platform
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TRANSLATED := notebooks/fr/01_gradient_saliency.ipynb solutions/fr/tp1_gradient_saliency/tp1_gradient_saliency.ipynb
NOTEBOOKS := $(wildcard notebooks/*.ipynb solutions/*/*.ipynb $(TRANSLATED))  # of a translation two, the code is the same

ISOLATION ?= auto

.PHONY: help setup demo test test-python test-oldest fuzz lint notebooks lab explore site dist clean translations exercises release collect grade grade-isolated formgrader feedback grading-image

help:
	@sed -n 's/^# \{0,1\}//p' Makefile

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || \
		{ echo 'Python 3.10 to 3.13 is needed (TensorFlow has no newer one): make PYTHON=python3.12 ...' >&2; exit 1; }
	@echo 'Installing TensorFlow and the rest into $(VENV): this takes a few minutes.'
	@$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[openvino,explore]'
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

$(VENV)/.installed-course: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[course,networks]'
	@touch $@

$(VENV)/.installed-lab: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[lab,networks,explore]'
	@touch $@

$(VENV)/.installed-site: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[site,publish]'
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/tpvis explain dalmatian --output demo.png

test: $(VENV)/.installed-test  # two files at a time: a test rarely keeps two cores busy
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile
ifneq ($(NOTEBOOKS),)
	$(MAKE) notebooks
endif

VERSION = $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
EMPTY = home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && env HOME="$$home" XDG_CACHE_HOME="$$home/.cache"

test-python:
	$(EMPTY) $(MAKE) VENV=.venv-$(VERSION) PYTHON=$(PYTHON) demo test

test-oldest: .venv-oldest/.installed-test
	$(EMPTY) $(MAKE) VENV=.venv-oldest demo test

.venv-oldest/.installed-test: pyproject.toml  # uv, since pip has no way to ask for the oldest
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet uv
	.venv-oldest/bin/uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct --editable '.[test]'
	@touch .venv-oldest/.installed $@

notebooks: $(VENV)/.installed-test  # two at a time, each said when it is done
	@printf '%s\n' $(NOTEBOOKS) | xargs -P 2 -I % sh -c \
		'said=$$($(BIN)/python -m pytest --nbval --nbval-current-env % 2>&1); status=$$?; echo "% $$said"; exit $$status'

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fuzz: $(VENV)/.installed-test
	$(BIN)/python tests/fuzz/long.py

site: $(VENV)/.installed-site
	$(BIN)/python docs/make_site.py

dist: $(VENV)/.installed-test
	$(BIN)/python tools/publish.py

lab: $(VENV)/.installed-lab
	$(BIN)/jupyter lab

explore: $(VENV)/.installed
	$(BIN)/tpvis explore

translations: $(VENV)/.installed-course
	$(BIN)/python tools/translations.py $(if $(filter no,$(RUN)),--no-run)
	$(BIN)/python tools/course.py exercises

exercises: $(VENV)/.installed-course
	$(BIN)/python tools/course.py exercises

release: $(VENV)/.installed-course  # LANGUAGE as given to make: in the environment it is the desktop's
	$(BIN)/python tools/course.py release $(if $(filter command,$(origin LANGUAGE)),--language "$(LANGUAGE)")

collect: $(VENV)/.installed-course
	$(BIN)/python tools/course.py collect $(if $(FROM),"$(FROM)") $(if $(LAB),--lab "$(LAB)")

feedback: $(VENV)/.installed-course
	$(BIN)/python tools/course.py feedback $(if $(LAB),--lab "$(LAB)")

GRADE = $(BIN)/python tools/course.py grade $(if $(AGAIN),--again) $(if $(JOBS),--jobs $(JOBS)) $(if $(PICTURES),--pictures) $(if $(HIDDEN),--hidden $(HIDDEN))

grade: $(VENV)/.installed-course
	$(GRADE)

grade-isolated: $(VENV)/.installed-course
	$(GRADE) --isolate "$(ISOLATION)"

formgrader: $(VENV)/.installed-course
	$(BIN)/python tools/formgrader.py --ServerApp.open_browser=True

grading-image:
	docker build --tag tp_visualisation-grading --file tools/Dockerfile .

clean:
	rm -rf $(VENV) build dist demo.png
