# Two commands need no preparation: `make run` and `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build run test lint format

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := libfuse3-dev pkg-config gcc
RELEASE := .build/release
SWIFT_FLAGS := --explicit-target-dependency-import-check error

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that are missing, and load the kernel's modules
	@missing=""; for package in $(PACKAGES); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing$$missing"; \
	    $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	fi
	@for module in fuse cuse; do [ -e /dev/$$module ] || $(SUDO) modprobe -q $$module 2>/dev/null || true; done

build: setup ## Build everything in release mode
	swift build -c release $(SWIFT_FLAGS)

run: build ## Build, and serve /dev/sysgenid in the foreground
	@printf '%s\n' '' 'In a second terminal, as root, try:' \
	    '    $(RELEASE)/sysgenidctl status' \
	    '    $(RELEASE)/sysgenidctl watch           # prints each change' \
	    '    $(RELEASE)/sysgenidctl trigger         # in a third terminal: makes one' \
	    '    $(RELEASE)/sysgenid-conformance        # every row of the interface' \
	    'Ctrl-C here ends the daemon and leaves nothing behind.' ''
	@exec $(SUDO) $(RELEASE)/sysgenidd --frontend auto --backend auto

test: lint ## Check the sources, build, and run all tests
	swift build --build-tests $(SWIFT_FLAGS)
	$(SUDO) env "PATH=$$PATH" SYSGENID_REQUIRE_ALL="$${SYSGENID_REQUIRE_ALL:-}" swift test --skip-build

lint: setup ## Check the format of the sources, and which module imports which
	swift format lint --strict --recursive Package.swift Sources Tests
	.ci/check-layers

format: ## Format the sources
	swift format format --in-place --recursive Package.swift Sources Tests
