# Everything happens in platform/bootstrap.py; this finds a Python for it.
# ARGS go to the command: make demo ARGS="--port 9000"

COMMANDS := demo up test bench faults lint types env bundle clean

.DEFAULT_GOAL := help
.PHONY: help $(COMMANDS)

help:
	@echo "make demo    the whole platform with an imitated shop and Domino server; Ctrl-C ends it"
	@echo "make test    every check: lint, types, Python, TypeScript and browser tests"
	@echo "make up      the platform alone"
	@echo "make bench   the benchmarks"
	@echo "make faults  the tests that kill and break things for longer"
	@echo "make lint    style and import contracts;  make types  types"
	@echo "make env     the Python environment;  make bundle  the web app"
	@echo "make clean   remove what can be made again; data stays"

$(COMMANDS):
	@for python in $(PYTHON) python3.12 python3.11 python3 python3.13 python3.14; do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	    >/dev/null 2>&1; then exec "$$python" platform/bootstrap.py $@ $(ARGS); fi; \
	done; \
	echo "causeway: Python 3.11 or 3.12 with its venv module is missing." \
	  "Install python3.12 and python3.12-venv, or name yours: make $@ PYTHON=/path/to/python3.12" >&2; \
	exit 1
