# Every target does the set-up that it needs: `make demo` on a fresh machine is enough. See scripts/setup.sh.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# One after the other even under -j: the tests' closing line comes last.
.NOTPARALLEL:
.PHONY: help setup demo test lint types check train-smoke train proof variant bench samples eval-scans eval-held-out legible \
	simulate format lock

BIN := .venv/bin
CODE := models service training data tests scripts
DEMO ?= data/samples/scan-office.pdf
SCANS := build/eval-scans
HELD_OUT := build/held-out
# Percent of the fields that must be right in each quality of scan.
LEAST := clean=99.5 office=98.5 copy=95 phone=97
# The numbers to draw: those of real reports where they lie beside the checkout, else those of the samples.
TRUTH ?= $(or $(wildcard ../shared/reports/seed*.truth.json),$(wildcard data/samples/*.truth.json))
PYTEST_ARGS ?=

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## set up everything that development needs (serving and tests; no PyTorch)
	@scripts/setup.sh dev
	@$(BIN)/python -m models.fetch

demo:  ## set up, extract a sample scan, print what was found
	@scripts/setup.sh serve
	@$(BIN)/gouji extract "$(DEMO)" --format table

test:  ## set up, run the tests
	@scripts/setup.sh dev
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint:  ## style, formatting, import floors
	@scripts/setup.sh dev
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/lint-imports

types:  ## static types
	@scripts/setup.sh train
	@$(BIN)/mypy

check: lint types test  ## all of the above: what CI runs

train-smoke:  ## the whole training loop, small: draw, fit, evaluate, calibrate, promote, roll back
	@scripts/setup.sh train
	@$(BIN)/python -m training.loop.smoke

train:  ## remake the shipped weights from nothing into build/train; goes on where it stopped
	@scripts/setup.sh train
	@$(BIN)/python -m training.loop.remake build/train

proof:  ## label matching, classifier and global decoding on the same reports; each reader by itself, and both
	@scripts/setup.sh train
	@$(BIN)/python -m training.proof --out build/proof --jobs 2

variant:  ## learn an agency's own labels from 5, 20 and 50 reports, and see that the old forms are not forgotten
	@scripts/setup.sh train
	@$(BIN)/python -m training.variant --out build/variant --jobs 2

bench:  ## measure seconds a page, memory and start-up, against PaddleOCR, and the parts beside their bars
	@scripts/setup.sh dev
	@$(BIN)/python -m training.bench

samples:  ## draw data/samples anew
	@scripts/setup.sh dev
	@$(BIN)/python -m training.synthesize.samples

eval-scans:  ## draw scans of known reports in four qualities, extract and score them
	@scripts/setup.sh dev
	@rm -rf $(SCANS)
	@$(BIN)/python -m training.synthesize scans --truth $(TRUTH) --out $(SCANS)
	@$(BIN)/gouji train evaluate $(SCANS) $(addprefix --least ,$(LEAST))

eval-held-out:  ## measure on drawn reports that nothing was trained on, against the bars; goes on where it stopped
	@scripts/setup.sh train
	@$(BIN)/python -m training.evaluate.heldout --out $(HELD_OUT) --jobs 2 --html

legible:  ## how many drawn reports hold numbers that nobody can read, in each quality
	@scripts/setup.sh train
	@$(BIN)/python -m training.evaluate.legible --jobs 2

simulate:  ## plant misreadings into drawn reports, and count what reconciliation makes of them, against the bars
	@scripts/setup.sh dev
	@$(BIN)/python -m training.simulate --jobs 2

format:  ## format the code
	@scripts/setup.sh dev
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

lock:  ## resolve requirements/constraints.txt anew from pyproject.toml
	@scripts/setup.sh dev
	@$(BIN)/python scripts/lock.py
