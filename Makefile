# The two commands of the README: `make demo` and `make test`. Each installs what is missing, builds, and does the job.
CONFIGURATION ?= debug
BIN := $(CURDIR)/.build/$(CONFIGURATION)
SWIFT_BUILD := swift build -c $(CONFIGURATION)

.PHONY: demo test setup-demo setup-test build build-tests release deb test-deb format lint generated walls units clean

demo: setup-demo build
	python3 Tests/Peers/demo.py --bin "$(BIN)" --peers "$(CURDIR)/.build-peers/bin"

test: setup-test
	.ci/test.sh

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

clean:
	rm -rf .build .build-*
