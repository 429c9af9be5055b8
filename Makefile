# The two commands of the README: `make demo` and `make test`. Each installs what is missing, builds, and does the job.
CONFIGURATION ?= debug
BIN := $(CURDIR)/.build/$(CONFIGURATION)
SWIFT_BUILD := swift build -c $(CONFIGURATION)

.PHONY: demo test test-systemd figures-systemd chaos setup-demo setup-test build build-tests release deb test-deb format lint generated walls units golden fuzz clean \
	bench-translation bench-relay bench-thresholds

demo: setup-demo build
	python3 Tests/Peers/demo.py --bin "$(BIN)" --peers "$(CURDIR)/.build-peers/bin"

test: setup-test
	.ci/test.sh

# Restarts of the service under a real systemd, which is booted for it. A part of `make test`; with PLUGIN_GATEWAY_LONG=1 a hundred.
test-systemd: setup-test build
	Tests/Peers/systemd/restart.sh

# What docs/performance.md says of the service under systemd.
figures-systemd: setup-test release
	Tests/Peers/systemd/figures.sh

# Random faults to real peers under load, with the seed printed. SECONDS=300 for long; PLUGIN_GATEWAY_CHAOS_SEED repeats a run.
chaos: setup-test
	$(if $(SECONDS),PLUGIN_GATEWAY_CHAOS_SECONDS=$(SECONDS)) .ci/test.sh ChaosTests

setup-demo:
	@Tests/Peers/setup.sh demo

setup-test:
	@Tests/Peers/setup.sh test

build:
	@$(SWIFT_BUILD) --product plugin-gateway
	@$(SWIFT_BUILD) --product plugin-locator

build-tests:
	@$(SWIFT_BUILD) --build-tests

# What an operator installs: optimised, and with the Swift run time inside.
release:
	swift build -c release --static-swift-stdlib --product plugin-gateway
	swift build -c release --product plugin-locator

# The Debian package, .build-deb/plugin-gateway_VERSION_ARCHITECTURE.deb.
deb: release
	deploy/debian/build.sh

# The package in a clean, booted Debian 12: install, use, upgrade, purge. Needs root.
test-deb: setup-demo release
	deploy/debian/test.sh

format:
	swift format --in-place --parallel --recursive --configuration .swift-format $$(.ci/sources.sh)

lint:
	@.ci/lint.sh

generated:
	@.ci/generated.sh check

walls:
	@.ci/imports.sh

units:
	@deploy/verify.sh

# Benchmarks/README.md says what they measure. ARGUMENTS are those of translation-bench, such as "--filter panel --json".
bench-translation:
	@Benchmarks/translation.sh $(ARGUMENTS)

# ARGUMENTS are those of Benchmarks/relay/bench.py, such as "--quick --filter small".
bench-relay:
	@Benchmarks/relay.sh $(ARGUMENTS)

# Writes what the translation allocates as the new thresholds of CI.
bench-thresholds:
	@.ci/allocations.sh write

# Writes the golden files of a new schema; an existing folder stays as it is unless OVERWRITE=1 (Tests/Golden/README.md).
golden:
	@.ci/golden.sh $(if $(OVERWRITE),--overwrite)

# Coverage-guided fuzzing of what reads bytes of others (Tests/Fuzz/README.md): make fuzz TARGET=arrow SECONDS=600
fuzz:
	@SECONDS_EACH=$(or $(SECONDS),60) .ci/fuzz.sh run $(TARGET)

clean:
	rm -rf .build .build-*
