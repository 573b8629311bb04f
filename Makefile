# The only door: CI, contributors and release notes refer to these targets.
# Modules are found by their go.mod, so a new one needs no edit here.

SHELL    := /bin/bash
MODULES  := $(shell find . -name go.mod -not -path './.*' -exec dirname {} \;)
FUZZTIME ?= 20s
BENCH    ?= .
COUNT    ?= 6

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z\/]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# each runs $(1) in every module, alone: a module must not lean on go.work.
define each
	@set -e; for dir in $(MODULES); do (cd "$$dir" && $(1)); done
endef

.PHONY: lint
lint: ## Run golangci-lint over every module, installed if it is not there
	bash .ci/run lint

.PHONY: test
test: ## Run the short tests, with the stores whose servers are there
	go run ./internal/testall

.PHONY: test/all
test/all: ## Run all tests of all modules
	go test work
	cd benchmarks && go test ./...

.PHONY: test/race
test/race: ## Run all tests with the race detector, the long ones left out
	go test -race -short work

.PHONY: bench
bench: ## Run benchmarks; BENCH=regexp chooses, COUNT repeats
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) work
	cd benchmarks && go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...

.PHONY: table
table: ## Measure beckon beside its peers, write docs/benchmarks.md; TABLE=-quick takes minutes less
	cd benchmarks && go run ./cmd/table $(TABLE)

.PHONY: stores
stores: ## Measure all stores, write docs/choosing-a-store.md; STORES=-quick takes minutes less
	cd conformance && go run ./cmd/stores $(STORES)

.PHONY: scale
scale: ## Measure stores with a million contacts, write the same page; SCALE='-contacts 50000' takes minutes less
	cd conformance && go run ./cmd/scale $(SCALE)

.PHONY: measure
measure: table stores scale ## Measure all targets, each beside its floor, one after the other: about an hour

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME
	FUZZTIME=$(FUZZTIME) bash .ci/run fuzz

.PHONY: tidy
tidy: ## Tidy go.mod and go.sum of every module
	$(call each,GOWORK=off go mod tidy -e)

.PHONY: check
check: ## Run everything that CI runs
	bash .ci/run
