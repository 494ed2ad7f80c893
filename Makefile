# Two commands need no preparation: `make run` and `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build run test test-units test-failures test-sanitize test-sanitize-core test-lab test-releases arm64 \
    test-arm64 mutate soak lab-shell setup-tests setup-lab setup-pip adversary fuzz lint format build-tests run-units \
    prepare-lab lab-fetched failed-tests docs pictures

SUDO := $(shell [ $$EUID = 0 ] || echo sudo)
PACKAGES := libfuse3-dev libseccomp-dev libssl-dev pkg-config gcc
TEST_PACKAGES := systemd kmod mandoc man-db strace acpica-tools openssl curl wget libgnutls30 libgcrypt20 libnss3 shellcheck openssh-client
# command:package, for what may have come to a machine in another way.
LANGUAGES := g++:g++ rustc:rustc go:golang-go python3:python3 javac:default-jdk-headless node:nodejs
# Debian's own, whatever else of that name is in the path.
LANGUAGES += /usr/bin/python3:python3 python3-numpy /usr/bin/perl:perl /usr/bin/ruby:ruby /usr/bin/php:php-cli
LAB_PACKAGES := qemu-utils busybox-static kmod xz-utils zstd mmdebstrap e2fsprogs binutils acpica-tools
ARM64_LAB_PACKAGES := qemu-system-arm device-tree-compiler
RELEASE := .build/release
# What tests printed that run beside each other: the failures among it are told at the end.
OUTPUTS := .build/outputs
# With the programs as they are installed beside it, which it puts into guests.
LABORATORY = $(PACKAGE_PROGRAMS)/lab
# For the program of the laboratory that draws from Rust's generators.
RUST_PACKAGES := cargo:cargo librust-rand-dev
# Where programs of others in Python are found by the tests, and the one that checks rules for Prometheus.
PYTHON := .build/python
PROMETHEUS := .build/prometheus
# What guests draw with that have no compiler.
GENERATORS := .build/generators
GENERATOR_SOURCES := $(wildcard $(addprefix Tests/Lab/Guest/programs/,go/* java/* rust/Cargo.toml rust/src/*))
# A server whose start the package would not wait for.
NGINX := .build/nginx
# The release before this one, which no tag names: the last commit before what 0.2.0 is. Its daemon is upgraded in a test.
FORMER := .build/upgrade/0.1.0
FORMER_COMMIT := d6824a3
FORMER_DAEMON := $(if $(filter false,$(shell git -c safe.directory='*' rev-parse --is-shallow-repository 2>/dev/null)),$(FORMER)/.build/debug/sysgenidd)
SWIFT_FLAGS := --explicit-target-dependency-import-check error

# Optimised for speed, with all that a debug build checks.
FUZZ_BUILD := .build-fuzz
FUZZ_FLAGS := --product fuzz --sanitize fuzzer --scratch-path $(FUZZ_BUILD) -Xswiftc -O -Xswiftc -assert-config -Xswiftc Debug
TARGET ?= aml device-tree kernel-log uevent state fuse handover device-table varlink
SECONDS ?= 60
HOURS ?= 8

# A sanitizer wants system calls and memory that a sandboxed daemon must not have: so the sandbox is off, and the tests
# of it and of how much memory there is are left out. LeakSanitizer stops all threads at the end: it waits for ever for
# one that waits for a daemon that stands still, and sees nothing of what one has that a debugger keeps.
SANITIZERS ?= thread address
NOT_SANITIZED := CapabilitiesTests ConfinementTests EndToEnd/Adversary EndToEnd/Injections EndToEnd/Privilege \
    EndToEnd/Memory clientsThatComeAndGoLeaveNothing whatCannotBeServedIsOneLineWithARemedy anEmptyFileInItsPlaceEndsWhoMapsIt
NOT_WITH_LEAKS := tenThousandBlockedReadersAllWake aDaemonThatDoesNotAnswerIsNamed \
    aBackendThatHangsIsToldAndIsNoReasonToEnd

# Which tests run under a sanitizer: names as swift test takes them, without any all of them. The core is where threads meet:
# the tests of the modules, and what a daemon does that serves, is looked at, replaces another one and is replaced. What
# tries all that there can be, with one thread and without memory of C, is left out there.
UNTHREADED := TakeoverModelTests ResumeOrderTests ArbiterSequenceTests OracleTests HostileTableTests DeviceTreeDamageTests
SUITES ?=
CORE_SUITES := SysGenID(System|Fuse|Frontends|Backends|Daemon)?Tests SanitizerTests FuzzTests EndToEnd/Takeover EndToEnd/Place \
    EndToEnd/Poison EndToEnd/Lifecycle EndToEnd/State EndToEnd/Backends EndToEnd/Faults EndToEnd/Watchers EndToEnd/Replacement

help: ## Say what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# One at a time: what several targets need is installed at once.
APT := mkdir -p .build && $(SUDO) flock .build/apt-lock env DEBIAN_FRONTEND=noninteractive apt-get

# Installs the packages that are missing of those that it is given; of command:package where there is no such command.
define install
	@missing=""; for package in $(1); do \
	    case $$package in *:*) \
	        command -v $${package%:*} >/dev/null && continue; \
	        package=$${package#*:} ;; \
	    esac; \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing$$missing"; \
	    $(APT) update -qq && $(APT) install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

# The preload library, in any folder: C alone, since it must not bring Swift's library into other programs.
PRELOAD := libsysgenid-preload.so
%/$(PRELOAD): Sources/SysGenIDPreload/preload.c
	$(CC) -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -Wl,-z,defs -Wl,-soname,$(PRELOAD) -o $@ $<

# The provider for OpenSSL, of which it takes the headers alone.
PROVIDER := sysgenid.so
%/$(PROVIDER): Sources/SysGenIDOpenSSL/provider.c $(wildcard Sources/SysGenIDOpenSSL/*.h) Sources/CSysGenID/include/sysgenid.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -Wl,-z,defs -ISources/CSysGenID/include \
	    -DSYSGENID_VERSION='"$(VERSION)"' -o $@ $<

setup: ## Install the Debian packages that are missing, and load the kernel's modules
	$(call install,$(PACKAGES))
	@for module in fuse cuse; do [ -e /dev/$$module ] || $(SUDO) modprobe -q $$module 2>/dev/null || true; done

build: setup ## Build everything in release mode
	swift build -c release $(SWIFT_FLAGS)
	@$(MAKE) --no-print-directory $(RELEASE)/$(PRELOAD) $(RELEASE)/$(PROVIDER)

run: build ## Build, and serve /dev/sysgenid in the foreground
	@printf '%s\n' '' 'In a second terminal, as root, try:' \
	    '    $(RELEASE)/sysgenidctl status' \
	    '    $(RELEASE)/sysgenidctl watch           # prints each change' \
	    '    $(RELEASE)/sysgenidctl trigger         # in a third terminal: makes one' \
	    '    $(RELEASE)/sysgenid-conformance        # every row of the interface' \
	    'Ctrl-C here ends the daemon and leaves nothing behind.' ''
	@exec $(SUDO) $(RELEASE)/sysgenidd --frontend auto --backend auto

# Builds keep all processors busy, and the tests of this machine wait more than they work. So what the laboratory needs is
# fetched and built beside the one, and what else is named as BESIDE runs beside the other; neither goes before them (nice).
# Each is a make of its own: those of one -j would share its jobs, and builds that have begun would keep the tests from any.
test: $(PYTHON) ## Check the sources, build, and run all tests
	swift package resolve
	@rm -rf $(OUTPUTS)
	@code=0; \
	$(MAKE) --no-print-directory prepare-lab & beside=$$!; \
	$(MAKE) --no-print-directory build-tests || code=1; \
	if [ $$code = 0 ]; then \
	    for target in $(BESIDE); do nice $(MAKE) --no-print-directory $$target & beside="$$beside $$!"; done; \
	    $(MAKE) --no-print-directory run-units || code=1; \
	fi; \
	for process in $$beside; do wait $$process || code=1; done; \
	[ $$code = 0 ] || $(MAKE) --no-print-directory failed-tests; \
	exit $$code
	@$(MAKE) --no-print-directory test-costs test-lab test-install

test-units: build-tests ## All tests but those of the laboratory
	@$(MAKE) --no-print-directory run-units

build-tests: lint setup-tests
	swift build --build-tests $(SWIFT_FLAGS)

run-units:
	@mkdir -p $(OUTPUTS) && rm -f $(OUTPUTS)/units
	$(SUDO) env "PATH=$$PATH" SYSGENID_REQUIRE_ALL="$${SYSGENID_REQUIRE_ALL:-}" swift test --skip-build 2>&1 | \
	    tee $(OUTPUTS)/units

# Thousands of lines may stand between a failure and the end.
failed-tests:
	@echo 'what failed:'
	@grep -h -A 3 -E 'recorded an issue|error:' $(OUTPUTS)/* | grep -vE '(passed|started|ended)[. ]' || echo 'nothing of the tests: see above'

test-sanitize-core: ## What threads have most to do with, under both: the part of test-sanitize that .ci/run runs
	@$(MAKE) --no-print-directory test-sanitize SUITES="$(CORE_SUITES)" NOT_SANITIZED="$(NOT_SANITIZED) $(UNTHREADED)"

test-sanitize: setup setup-tests ## All tests but those of the laboratory, under Thread Sanitizer and Address Sanitizer
	@$(MAKE) --no-print-directory -j2 $(SANITIZERS:%=sanitized-%)

# Both at once: while the tests of one wait, the other one builds or works.
sanitized-%:
	@mkdir -p $(OUTPUTS) && rm -f $(OUTPUTS)/$*
	@{ choice="$(NOT_SANITIZED:%=--skip %) $(SUITES:%=--filter %)"; \
	    [ $* = thread ] || choice="$$choice $(NOT_WITH_LEAKS:%=--skip %)"; \
	    folder=$(CURDIR)/.build-$*; reports=$$folder/reports; \
	    SYSGENID_SANITIZE=$* swift build --build-tests --sanitize $* --scratch-path $$folder; \
	    $(SUDO) rm -rf $$reports; mkdir $$reports; \
	    options="log_path=$$reports/report exitcode=66"; \
	    $(SUDO) env "PATH=$$PATH" SYSGENID_REQUIRE_ALL="$${SYSGENID_REQUIRE_ALL:-}" SYSGENID_DISABLE_SANDBOX=1 \
	        SYSGENID_SANITIZE=$* TSAN_OPTIONS="$$options" ASAN_OPTIONS="$$options detect_leaks=1" \
	        LSAN_OPTIONS="suppressions=$(CURDIR)/Tests/Sanitizers/leaks print_suppressions=0" \
	        swift test --disable-xctest --skip-build --sanitize $* --scratch-path $$folder $$choice && code=0 || code=$$?; \
	    for report in $$($(SUDO) ls $$reports); do $(SUDO) cat $$reports/$$report; code=1; done; \
	    exit $$code; \
	} 2>&1 | sed -u 's/^/$*: /' | tee $(OUTPUTS)/$*

prepare-lab:
	@{ $(MAKE) --no-print-directory setup-package setup-lab && \
	    nice $(MAKE) --no-print-directory package-programs bench-programs && \
	    $(MAKE) --no-print-directory lab-fetched; } 2>&1 | sed -u 's/^/laboratory: /'

test-lab: setup-package package-programs setup-lab ## Test the installed programs in guests with real kernels; LAB="--kernel 6.1 --test access" narrows it
	$(LABORATORY) test $(LAB)

test-releases: setup-package package-programs setup-lab debs ## Install, use, upgrade and purge the packages of 'make debs', each in its own release of Debian
	$(LABORATORY) releases $(LAB)

# As its user, root: it works in a clean system that it makes.
arm64: ## Build everything for arm64 with Debian's own Swift, .build/arm64/release
	$(call install,mmdebstrap)
	$(SUDO) env "PATH=$$PATH" packaging/arm64

test-arm64: setup-package package-programs setup-lab arm64 ## Test it in guests with Debian's kernels for arm64; LAB="--kernel 7-arm64 --test access" narrows it
	$(call install,$(ARM64_LAB_PACKAGES))
	$(LABORATORY) test --architecture arm64 $(LAB)

lab-shell: setup-package package-programs setup-lab ## A shell in a guest: make lab-shell KERNEL=6.12
	$(LABORATORY) shell $(if $(KERNEL),--kernel $(KERNEL))

setup-tests: $(PYTHON) $(PROMETHEUS) $(NGINX) $(FORMER_DAEMON) # What checks the unit, the manual and the recipes
	$(call install,$(TEST_PACKAGES) $(LANGUAGES))

setup-lab: $(PYTHON) $(GENERATORS) # What the laboratory needs besides
	$(call install,$(LAB_PACKAGES))

# What they are linked with is in any guest with this machine's release of Debian.
$(GENERATORS): $(GENERATOR_SOURCES)
	$(call install,$(LANGUAGES) $(RUST_PACKAGES))
	@rm -rf $@ $@.part $@.rust && mkdir -p $@.part && cp -r Tests/Lab/Guest/programs/rust $@.rust
	GO111MODULE=off CGO_ENABLED=0 go build -ldflags '-s -w' -o $@.part/generators-go Tests/Lab/Guest/programs/go/generators.go
	javac -d $@.part Tests/Lab/Guest/programs/java/Generators.java
	cd $@.rust && cargo build --quiet --release --offline --config 'profile.release.strip=true' \
	    --config 'source.crates-io.replace-with="debian"' --config 'source.debian.directory="/usr/share/cargo/registry"'
	@mv $@.rust/target/release/generators $@.part/generators-rust && rm -rf $@.rust && mv $@.part $@

# The programs of others that are tested, of versions and with digests that the list names; for Debian's Python.
$(PYTHON): Tests/python.txt
	$(call install,python3:python3)
	@python3 -m pip --version >/dev/null 2>&1 || $(MAKE) --no-print-directory setup-pip
	@rm -rf $(PYTHON) $(PYTHON).part $(PYTHON).wheels
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
	    --implementation cp --python-version 3.11 --abi abi3 --platform manylinux2014_x86_64 \
	    --dest $(PYTHON).wheels --requirement Tests/python.txt
	@for wheel in $(PYTHON).wheels/*.whl; do python3 -m zipfile -e $$wheel $(PYTHON).part; done
	@rm -rf $(PYTHON).wheels && mv $(PYTHON).part $(PYTHON) && touch $(PYTHON)

# Out of Debian's packages, which would start a service where they are installed: the program of one.
define fetch
	@rm -rf $@ $@.part && mkdir -p $@.part
	@cd $@.part && { apt-get download -qq $(1) 2>/dev/null || \
	    { cd $(CURDIR) && $(APT) update -qq && cd $@.part && apt-get download -qq $(1); }; }
	@dpkg-deb --fsys-tarfile $@.part/$(1)_*.deb | tar -x -C $@.part --strip-components 3 $(2)
	@rm $@.part/$(1)_*.deb && mv $@.part $@
endef

$(PROMETHEUS):
	$(call fetch,prometheus,./usr/bin/promtool)

$(NGINX):
	$(call install,libpcre2-8-0 libcrypt1)
	$(call fetch,nginx,./usr/sbin/nginx)

$(FORMER)/.build/debug/sysgenidd: | setup
	@rm -rf $(FORMER) && mkdir -p $(FORMER)
	@git -c safe.directory='*' archive $(FORMER_COMMIT) | tar -x -C $(FORMER)
	@! [ -e Package.resolved ] || cp Package.resolved $(FORMER)
	swift build --package-path $(FORMER) --product sysgenidd

setup-pip:
	$(call install,python3-pip)

fuzz: setup ## Fuzz all that reads what others write: make fuzz TARGET="aml fuse" SECONDS=60
	SYSGENID_FUZZ=1 swift build $(FUZZ_FLAGS) $(SWIFT_FLAGS)
	@for target in $(TARGET); do \
	    mkdir -p $(FUZZ_BUILD)/found/$$target; \
	    echo "fuzzing $$target for $(SECONDS) s"; \
	    SYSGENID_FUZZ=$$target SWIFT_BACKTRACE=enable=no $(FUZZ_BUILD)/debug/fuzz -max_total_time=$(SECONDS) -timeout=10 \
	        -print_final_stats=1 -artifact_prefix=$(FUZZ_BUILD)/ $(FUZZ_BUILD)/found/$$target Tests/Fuzz/Corpus/$$target; \
	done

mutate: setup setup-tests ## Change a line, and look whether a test notices it: make mutate MUTATIONS="reseed-never page-not-stored"
	$(SUDO) env "PATH=$$PATH" Tests/Mutations/mutate $(MUTATIONS)

# With a limit of time for each share of them.
test-failures: setup setup-tests ## Let every system call of the daemon fail, with each error that its manual page names
	swift build --build-tests $(SWIFT_FLAGS)
	$(SUDO) env "PATH=$$PATH" SYSGENID_FAILURES=all swift test --skip-build --filter EndToEnd/Injections

soak: setup ## Hours of changes and faults, in which nothing may grow: make soak HOURS=8, or MINUTES=45; SEED, CLIENTS
	swift build $(SWIFT_FLAGS) --product soak
	$(SUDO) .build/debug/soak $(if $(MINUTES),--minutes $(MINUTES),--hours $(HOURS)) $(if $(SEED),--seed $(SEED)) \
	    $(if $(CLIENTS),--clients $(CLIENTS))

adversary: setup ## Let users without rights do whatever can be done: make adversary SECONDS=600 DEVICE=/dev/sysgenid
	swift build $(SWIFT_FLAGS) --product sysgenidd
	swift build $(SWIFT_FLAGS) --product adversary
	$(SUDO) Tests/Adversary/run .build/debug "$(DEVICE)" --seconds $(SECONDS) $(OPTIONS)

# A package of its own by links: the plugin is no dependency of this one, and is not among its resolved versions.
DOCS := .build-docs
docs: setup ## Make the pages of the client library, with every wrong link an error: .build-docs/SysGenID.doccarchive
	@mkdir -p $(DOCS)/package
	@ln -sfn ../../Package.swift ../../Sources ../../Tests $(DOCS)/package/
	SYSGENID_DOCC=1 swift package --package-path $(DOCS)/package --scratch-path $(DOCS) \
	    --allow-writing-to-directory $(DOCS) generate-documentation --target SysGenID --warnings-as-errors \
	    --output-path $(CURDIR)/$(DOCS)/SysGenID.doccarchive

PICTURES := $(patsubst %.txt,%.svg,$(wildcard docs/pictures/*.txt))
pictures: ## Draw the pictures of docs/pictures anew, from the texts beside them
	$(call install,python3:python3)
	@for picture in $(PICTURES); do docs/pictures/draw $${picture%.svg}.txt > $$picture.part; mv $$picture.part $$picture; done

SWIFT_SOURCES := Package.swift Sources Tests Examples Benchmarks

lint: setup check-version ## Check the format of the sources, which module imports which, the version, and the pictures
	$(call install,python3:python3)
	swift format lint --strict --recursive $(SWIFT_SOURCES)
	.ci/check-layers
	.ci/check-pictures

format: ## Format the sources
	swift format format --in-place --recursive $(SWIFT_SOURCES)

include packaging/package.mk Benchmarks/bench.mk
