# Aftercourse needs Python 3.11, 3.12 or 3.13 and make. Everything else is fetched into this folder.
#
#   make run PORT=8080          another port
#   make run PYTHON=python3.12  another Python

PORT ?= 8000
PYTHON ?=

# Keep compiled modules (ignored by git): without them every process starts seconds later.
unexport PYTHONDONTWRITEBYTECODE

# Any Python 3 will do here: tools/bootstrap.py looks for one of the right age, unless PYTHON names it.
found := $(or $(PYTHON),$(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
	$(shell command -v $(name) 2>/dev/null))))
bootstrap := $(found) tools/bootstrap.py $(if $(PYTHON),--exactly,)
python := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run demo gallery pictures mails test faults bench check fix messages lock clean base dev

help:  ## this list
	@echo "Aftercourse. What make can do here:"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '%-16s%s\n' "$$name" "$$text"; done
	@echo
	@echo "PORT= chooses the port of make run, PYTHON= the Python that is used."

run: base  ## serve the demo on http://localhost:8000
	@$(python) -m tools.run --port "$(PORT)"

demo: base  ## reset the demo to its first day
	@$(python) -m tools.run --reset

gallery: dev  ## a picture of every page, by person, width, theme and language, in .gallery (python -m tools.gallery --help)
	@$(python) -m tools.gallery

pictures: dev  ## take the pictures of README.md and docs/ again, from the demo
	@$(python) -m tools.pictures

mails: base  ## every mail in every language, in var/mails; with pictures once make dev has run
	@$(python) -m tools.mails var/mails

test: dev  ## make check, then all tests, on both databases and in a browser
	@$(python) -m tools.test

faults: dev  ## test under faults: killed, frozen and cut-off services, full disks, memory; and every page with odd input (25 minutes)
	@$(python) -m pytest --quiet tests/faults
	@AFTERCOURSE_TEST_FUZZ=10 $(python) -m pytest --quiet tests/test_fuzz.py

bench: dev  ## measure the chat and pages against their targets (an hour on a quiet machine)
	@$(bootstrap) bench
	@$(python) -m bench

check: dev  ## format, lint, types, layers, templates, migrations, translations
	@$(python) -m tools.check

fix: dev  ## format, and fix what the linter can fix by itself
	@$(python) -m tools.check --fix

messages: dev  ## extract the strings to translate into locale/
	@$(python) -m tools.messages extract

lock: dev  ## choose the newest packages that requirements/*.in allow
	@$(python) -m tools.lock

clean:  ## delete what was made here: environment, demo, collected files
	@rm -rf .venv .browsers .bench .gallery var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

base dev:
	@$(if $(found),,echo "No Python was found. Aftercourse needs Python 3.11, 3.12 or 3.13." >&2; exit 1)
	@command -v $(word 1,$(found)) >/dev/null 2>&1 || { \
		echo "There is no Python at $(found). Aftercourse needs Python 3.11, 3.12 or 3.13." >&2; exit 1; }
	@$(bootstrap) $@
