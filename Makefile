# Shortcuts; the build itself is CMake's. `make help` lists them.

JOBS ?= $(shell nproc)
CMAKE_ARGS ?=
SEEDS ?= 10000
KILLS ?= 1000
EXECUTIONS ?= 1000000
SESSIONS ?= 1000
FAULT_SEED ?= 1
FAULT_CYCLES ?= 50
FUZZ_SECONDS ?= 600

# $(call build,preset,targets): configures and builds.
define build
cmake --preset $(1) $(CMAKE_ARGS)
cmake --build build/$(1) --parallel $(JOBS) --target $(2)
endef

.PHONY: help setup build run test bench bench-peers crash soak faults simulate asan tsan fuzz \
	package check-package check-metrics format format-check tidy clean

help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

setup:
	@scripts/install-packages.sh

## make build         build/release/vm-system
build: setup
	$(call build,release,vm-system)

## make run           build, run the example scripts and 10,000 jobs, check what came out
run: build
	scripts/run-demo.sh build/release/vm-system

## make test          build and run all tests
test: setup
	$(call build,release,all)
	scripts/run-tests.sh build/release

## make bench         build and run the benchmarks
bench: setup
	$(call build,release,all)
	scripts/run-bench.sh build/release

## make bench-peers   compare batches with what else runs JavaScript
bench-peers: setup
	$(call build,release,vm-system-bench)
	scripts/run-bench.sh --peers build/release

## make crash         1,000 kills under load (KILLS=N for others), kills of batches, power failures
crash: setup
	$(call build,release,crash_kill crash_batch_kill crash_power_loss)
	VM_SYSTEM_KILLS=$(KILLS) build/release/tests/crash/crash_kill --catch_system_errors=no
	scripts/run-tests.sh build/release -L crash -E crash_kill

## make soak          1,000,000 executions over 1,000 sessions (EXECUTIONS=N, SESSIONS=N)
soak: setup
	$(call build,release,integration_soak)
	VM_SYSTEM_EXECUTIONS=$(EXECUTIONS) VM_SYSTEM_SESSIONS=$(SESSIONS) \
		build/release/tests/integration/integration_soak --catch_system_errors=no

## make faults        integration tests and servers under load on disks that fail
faults: setup
	$(call build,release,all)
	scripts/run-faults.sh build/release $(FAULT_SEED) $(FAULT_CYCLES)

## make simulate      10,000 seeds of the simulated server (SEEDS=N for others)
simulate: setup
	$(call build,release,simulation_test)
	VM_SYSTEM_SEEDS=$(SEEDS) build/release/tests/actor/simulation/simulation_test

## make asan          all tests with the address and undefined-behaviour sanitizers
asan: setup
	$(call build,asan,all)
	scripts/run-tests.sh build/asan

## make tsan          the actor tests with the thread sanitizer
tsan: setup
	$(call build,tsan,all)
	scripts/run-tests.sh build/tsan -L actor

## make package       the Debian packages in build/release/packages
package: build
	cd build/release && cpack -G DEB

## make check-package  install them into a clean Debian, use and purge them (as root)
check-package: build
	scripts/check-package.sh build/release

## make fuzz          fuzz with clang's libFuzzer, FUZZ_SECONDS (600) each
fuzz: setup
	@scripts/install-packages.sh --fuzz
	$(call build,fuzz,fuzzers)
	scripts/run-fuzz.sh build/fuzz $(FUZZ_SECONDS)

## make check-metrics  have promtool, Prometheus and Grafana's types read the metrics and the dashboard
check-metrics: build
	@scripts/install-packages.sh --metrics
	scripts/check-metrics.sh build/release

## make format        format all sources
format:
	scripts/format.sh

## make format-check  fail where a source is not formatted
format-check:
	scripts/format.sh --check

## make tidy          check all sources with clang-tidy
tidy:
	scripts/tidy.sh

## make clean         remove what was built; the fetched engine stays
clean:
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name _engine \
		-exec rm -rf {} +
