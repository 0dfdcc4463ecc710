# install, run and test need nothing but Python 3.11+, make and a package index that pip knows.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2
PORT ?= 8000
PRODUCERS ?= 2000
LOCAL := AGRICREDIT_DEBUG=1 AGRICREDIT_HTTPS=0 AGRICREDIT_LOG_FORMAT=console

.PHONY: help install run down test check benchmark browser secrets

help:
	@echo "make run        the whole system with a demo city, until Ctrl-C (PORT=8000 PRODUCERS=2000)"
	@echo "make test       all tests on throwaway engines (ARGS='-k name')"
	@echo "make check      style, types, import contracts, migrations, system checks"
	@echo "make benchmark  the rating's speed against its floor (ARGS='rating --producers 100000')"
	@echo "make install    the virtual environment in $(VENV)"
	@echo "make down       stop everything that make run started"

install: $(STAMP)

$(STAMP): requirements-dev.lock
	@"$(PYTHON)" -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@

run: install
	$(LOCAL) exec $(BIN)/python manage.py up --port $(PORT) --producers $(PRODUCERS)

down: install
	$(LOCAL) $(BIN)/python manage.py down

# The browser tests click through a real Chromium; Debian's package is taken where root may install it.
browser:
	@if command -v chromium chromium-browser google-chrome >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; \
	else \
		echo "The browser tests need Chromium: install the package 'chromium' (and 'fonts-noto-cjk'), then repeat."; exit 1; \
	fi

test: install browser
	$(LOCAL) $(BIN)/python manage.py compile_catalogues
	$(LOCAL) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy agricredit archives rating certificates supervision manage.py
	$(BIN)/lint-imports
	$(LOCAL) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(LOCAL) $(BIN)/python manage.py check

secrets: install
	$(LOCAL) $(BIN)/python manage.py create_secrets secrets

benchmark: install
	$(LOCAL) $(BIN)/python manage.py benchmark $(ARGS)
