# One word per chore. Each makes its virtual environment by itself; `make demo` and `make test` are the two to remember.
#
#   make PYTHON=python3.13 test    uses that Python for a new .venv

VENV   ?= .venv
PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11 python; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$one; break; }; done)
bin    := $(VENV)/bin
ready  := $(VENV)/.ready
tools  := $(VENV)/.ready-for-development
golden := tests/story tests/plan tests/commands tests/report tests/scenarios

.PHONY: help demo test properties check bench crash edits agreement browser golden clean

help:
	@echo "make demo    run pipelines/hello.yaml on the simulator: a picture and a clip in pipelines/out/"
	@echo "make test    run the tests"
	@echo "make properties  try each property of the tests with fifty times as many examples"
	@echo "make check   format, lint, types, architecture"
	@echo "make bench   measure against the targets"
	@echo "make crash   kill runs at random instants and count what was paid"
	@echo "make edits   rewrite and edit random storyboards and hold plans against bills"
	@echo "make agreement  ask kling-pipe and the simulator about 20,000 random steps; road=runware for those of another road"
	@echo "make browser  open the page of diff --sheet in headless Chromium"
	@echo "make golden  rewrite the expected texts of the tests"

demo: $(ready)
	$(bin)/kling-pipe run pipelines/hello.yaml --simulate

test: $(tools)
	$(bin)/python -m pytest -n auto --dist worksteal -q

properties: $(tools)
	KLING_PIPE_EXAMPLES=50 $(bin)/python -m pytest -n auto --dist worksteal -q -m hypothesis --timeout 3600

check: $(tools)
	$(bin)/ruff format --check
	$(bin)/ruff check
	$(bin)/mypy
	$(bin)/python -m pytest -q tests/test_architecture.py

bench: $(tools)
	$(bin)/python -m bench

crash: $(tools)
	$(bin)/python -m tests.crash

edits: $(tools)
	$(bin)/python -m tests.edits

agreement: $(tools)
	$(bin)/python -m tests.agreement $(if $(road),--provider $(road))

browser: $(tools)
	$(bin)/python -m tests.browser

golden: $(tools)
	KLING_PIPE_GOLDEN=write $(bin)/python -m pytest -q $(golden)

clean:
	rm -rf $(VENV) dist

# A stamp keeps the second call quick; a change of pyproject.toml installs again.
$(ready): pyproject.toml
	@test -n "$(PYTHON)" || { echo "kling-pipe needs Python 3.11 or later, and none was found; name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "kling-pipe needs Python 3.11 or later, and $(PYTHON) is older" >&2; exit 1; }
	@test -x $(bin)/python || "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "no virtual environment could be made; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(bin)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# The group is read here, because a pip before 25.1 has no --group.
$(tools): $(ready)
	@$(bin)/python -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"]))' > $(VENV)/development.txt
	$(bin)/python -m pip install --quiet --disable-pip-version-check --requirement $(VENV)/development.txt
	@touch $@
