# Two commands matter: `make run` and `make test`. Both make .venv and keep it up to date.
PYTHON ?= python3
PORT ?= 8000
N ?= 300
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: install run test test-slow test-kill check format lock clean

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Diwan needs Python 3.11 or newer; name one with PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

run: install
	-$(BIN)/diwan rebuild  # where it cannot, what was published before serves
	$(BIN)/diwan serve --port $(PORT)

test: install
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# What is killed, loaded or weighed has the machine to itself; the others share it.
test-slow: install
	$(BIN)/pytest -m 'slow and not alone' --numprocesses 2 --dist worksteal
	$(BIN)/pytest -m 'slow and alone'

# Kills whoever works on an index or a library, or writes anything else, N times each, and looks
# what is left of it.
test-kill: install
	DIWAN_KILL_TRIALS=$(N) $(BIN)/pytest -m slow tests/test_kill.py tests/test_write_kills.py -k whenever_somebody_dies

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
