# make run and make test do all their own set-up: only Python 3.11+ and make are assumed.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 1
VENV := .venv
BIN := $(VENV)/bin
export PORT

.DEFAULT_GOAL := help
.PHONY: help run test bench lint setup-serve setup messages screenshots clean

help:
	@echo "make run          the product on http://127.0.0.1:$(PORT) (PORT=... changes it)"
	@echo "make test         the whole test suite"
	@echo "make bench        the benchmarks of the README"
	@echo "make lint         ruff, mypy, import-linter, missing migrations"
	@echo "make messages     collect the texts to translate (needs GNU gettext)"
	@echo "make screenshots  the README's pictures (needs chromium)"

# One stamp a requirements file: installing again only when it changed.
$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Jangbu needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/serve.stamp: requirements-serve.txt | $(BIN)/python
	@echo "Installing what the product needs (once) ..."
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-serve.txt
	@touch $@

$(VENV)/full.stamp: requirements.txt requirements-serve.txt | $(BIN)/python
	@echo "Installing everything, torch included: several GB, once ..."
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@ $(VENV)/serve.stamp

.env: .env.example
	@test -f $@ && touch $@ || $(PYTHON) -c "import pathlib, secrets; t = pathlib.Path('.env.example').read_text(); pathlib.Path('.env').write_text(t.replace('SECRET_KEY=\n', f'SECRET_KEY={secrets.token_urlsafe(50)}\n'))"

MO := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
%.mo: %.po | $(VENV)/serve.stamp
	@$(BIN)/pybabel -q compile --domain $(basename $(notdir $<)) --directory locale

setup-serve: $(VENV)/serve.stamp .env $(MO)
setup: $(VENV)/full.stamp .env $(MO)

run: setup-serve
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@$(BIN)/python manage.py ensure_schedules
	@$(BIN)/python manage.py demo
	@echo "Open http://127.0.0.1:$(PORT)   (Ctrl-C stops the server and the worker)"
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/honcho start --no-colour

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

bench: setup
	$(BIN)/python -m bench

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

messages: setup
	$(BIN)/python manage.py makemessages --locale ko --ignore '.venv/*' --ignore 'var/*' --no-obsolete --add-location=file
	@sed -i -e '/^"POT-Creation-Date:/d' -e '/^"Report-Msgid-Bugs-To:/d' locale/ko/LC_MESSAGES/django.po

screenshots: setup
	$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf $(VENV) var
