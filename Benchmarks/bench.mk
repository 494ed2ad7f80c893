# Measures the daemon against what the machine can do, and counts what a request costs. See docs/performance.md.

.PHONY: bench test-costs bench-programs

BENCH := .build-bench
BENCH_TOOLS := $(addprefix $(BENCH)/tools/,measure c-daemon played-clock openssl-requests liballocation-counter.so $(PROVIDER))
BENCH_CC = $(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -pthread -ISources/CSysGenID/include -o $@ $(filter %.c,$^)
BENCH_RUN = $(SUDO) env SYSGENID_REQUIRE_ALL="$${SYSGENID_REQUIRE_ALL:-}" $(BENCH)/release/bench
ROUNDS ?= 5
# What is measured: the program that is installed, which carries Swift's library in it.
DAEMON ?= $(PACKAGE_PROGRAMS)/sysgenidd

bench: setup-package package-programs bench-programs ## Measure, and print the table: make bench ROUNDS=5; QUICK=1 for a short look; ONLY=clock
	$(BENCH_RUN) figures --daemon $(DAEMON) --tools $(BENCH)/tools --json $(BENCH)/figures.json \
	    --rounds $(ROUNDS) $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

test-costs: setup-package package-programs bench-programs # Count the system calls and allocations of a request, and judge them
	$(call install,strace)
	$(BENCH_RUN) costs --daemon $(DAEMON) --tools $(BENCH)/tools

bench-programs: $(BENCH_TOOLS)
	swift build -c release --package-path Benchmarks --scratch-path $(BENCH)

$(BENCH)/tools/measure: $(wildcard Benchmarks/measure/*)
	@mkdir -p $(@D)
	$(BENCH_CC)

$(BENCH)/tools/c-daemon: $(wildcard Benchmarks/c-daemon/*)
	@mkdir -p $(@D)
	$(BENCH_CC) -lfuse3

$(BENCH)/tools/played-clock: Benchmarks/played-clock/operations.c $(addprefix Benchmarks/c-daemon/,main.c handshake.c daemon.h)
	@mkdir -p $(@D)
	$(BENCH_CC) -lfuse3

$(BENCH)/tools/openssl-requests: Benchmarks/openssl/requests.c
	@mkdir -p $(@D)
	$(BENCH_CC) -lcrypto

$(BENCH)/tools/liballocation-counter.so: Benchmarks/allocation-counter/allocation_counter.c
	@mkdir -p $(@D)
	$(BENCH_CC) -shared -fPIC
