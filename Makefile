# Two commands matter: `make run` and `make test`. Both make .venv and keep it up to date.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: install run test test-slow check format lock clean

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Diwan needs Python 3.11 or newer; name one with PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

run: install
	$(BIN)/diwan rebuild
	$(BIN)/diwan serve --port $(PORT)

test: install
	$(BIN)/pytest

test-slow: install
	$(BIN)/pytest -m slow

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Writes down the versions that were tested together; torch without the name of its build.
lock: install
	$(BIN)/pip freeze --exclude-editable | sed 's/^\(torch==[^+]*\)+.*/\1/' > constraints.txt

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache dist var
