# CareLoop's front door. `make run` is all a newcomer needs; the rest is for people who work on it.
#
#   make run                     build, start the five services, run two simulated years, stay up until Ctrl-C
#   make demo [ACCOUNT=file]     the same and stop; non-zero when one figure of the account does not tie out
#   make demo KAFKA=mock         the same over librdkafka's mock cluster
#   make simulate SEEDS=20000 FIRST_SEED=1   the whole system under seeded faults, optimised; a failing seed is printed
#   make soak [MINUTES=30 EVERY=20]   two years spread over minutes, a service killed every so many seconds
#   make test | check | bench    all tests | format, style, the optimised build | the README's figures
#   make sbom                    careloop.cdx.json: what this build is made of, as CycloneDX
#
# STORE=postgres://… keeps the services' stores there. KEEP=1 keeps the last run's data, SEED=n and CHILDREN=n change what is simulated, CARELOOP_EVENT_LOG=kafka://host:9092 uses a broker.

.DEFAULT_GOAL := run
.PHONY: run demo soak build test check bench simulate sbom packages test-packages swift clean

# The suites that run once more with PostgreSQL under them: the core and all five services. Persistence's own run on both stores in one pass.
STORE_SUITES := ^(ServiceRuntime|Registration|Screening|Rehabilitation|Employment|Reporting)Tests

# Whole systems lived through for minutes without a pause: beside others they would keep every thread that asynchronous tests wait for.
LONG_SUITES := ^SimulationTests

# Whole runs of five processes each: so many at a time that none waits for the machine longer than its tests are patient.
PROCESS_SUITES := ^SystemTests
AT_A_TIME := 4
# All others. More of them at a time end no sooner, and those that wait for a thread grow impatient.
OTHERS_AT_A_TIME := 12

TOOL := .build/release/careloop

run: build
	@exec $(TOOL) run

# Two years spread over MINUTES while a service drawn by lot is killed every EVERY seconds; the account is taken ten times on the way.
soak: build
	@exec $(TOOL) demo --soak $(or $(MINUTES),30) --kill-every $(or $(EVERY),20)

demo: build
	@exec $(TOOL) demo $(if $(KAFKA),--kafka $(KAFKA))

build: packages swift
	swift build -c release

packages:
	@compose/local/packages run

test-packages:
	@compose/local/packages test

swift:
	@compose/local/swift-version

# Foundation's Process.run reads up to 256 bytes behind the last entry of /proc/self/fd (swift-corelibs-foundation #5472, mended after Swift 6.3)
# and crashed two test runs of five where a thread's own arena ended there; the one arena of all threads has room behind it.
test check: export MALLOC_ARENA_MAX = 1

test: test-packages swift
	@compose/local/python-clients
	swift build --build-tests
	@compose/local/swift-test --skip '$(LONG_SUITES)' --skip '$(PROCESS_SUITES)' \
	    --experimental-maximum-parallelization-width $(OTHERS_AT_A_TIME)
	@compose/local/swift-test --filter '$(PROCESS_SUITES)' --experimental-maximum-parallelization-width $(AT_A_TIME)
	@compose/local/swift-test --filter '$(LONG_SUITES)'
	@CARELOOP_TEST_STORE=postgres compose/local/swift-test --filter '$(STORE_SUITES)' \
	    --experimental-maximum-parallelization-width $(OTHERS_AT_A_TIME)

check: packages swift
	@find Package.swift Services Shared Tests -name '*.swift' -not -path '*/Generated/*' -print0 | xargs -0 swift format lint --strict
	swift build --build-tests
	swift test --skip-build --filter StyleTests
# What people run is compiled otherwise than what is tested, and once did not compile while all tests passed.
	swift build -c release

sbom: packages swift
	@compose/local/sbom > careloop.cdx.json.part && mv careloop.cdx.json.part careloop.cdx.json
	@echo careloop.cdx.json

bench: build
	.build/release/Benchmarks

# Optimised, in a build folder of its own: what tests may look into is compiled otherwise than what is installed.
SIMULATION := --scratch-path .build/simulate -Xswiftc -O
simulate: test-packages swift
	CARELOOP_TESTS=Simulation swift build --product CareLoopPackageTests $(SIMULATION)
	CARELOOP_TESTS=Simulation SEEDS=$(or $(SEEDS),1000) FIRST_SEED=$(or $(FIRST_SEED),1) \
	    swift test --skip-build $(SIMULATION) --filter 'with faults'

clean:
	rm -rf .run .build/venv
