# What people type. Everything installs what it needs first; where it is there already that takes no time.
.PHONY: run build test soak sanitize lint docs bench fuzz dependencies

PROGRAM := .build/release/meterbridge
FOR ?=
BROKER_PORT ?= 18830
TARGET ?= mbus
SECONDS ?= 60
MINUTES ?= 10
SEED ?=
ALL ?=

run: build
	@FOR=$(FOR) BROKER_PORT=$(BROKER_PORT) deploy/demo.sh $(PROGRAM)

bench: build
	Benchmarks/run.sh

fuzz: dependencies
	Fuzz/run.sh "$(TARGET)" $(SECONDS)

build: dependencies
	swift build -c release --static-swift-stdlib

test: dependencies
	Tests/run.sh

sanitize: dependencies
	Tests/sanitize.sh $(ALL)

# Every test with the real program, held to what it promises in seconds; faults at random, and those that need root or many
# minutes. The seed is printed; SEED= repeats it.
soak:
	@deploy/install-dependencies.sh faketime e2fsprogs iproute2
	METERBRIDGE_SOAK_MINUTES=$(MINUTES) METERBRIDGE_SOAK_SEED=$(SEED) \
	  swift test --disable-xctest --no-parallel --filter '^SystemTests\.'

docs: dependencies
	METERBRIDGE_WRITE_DOCS=1 swift test --disable-xctest --filter DocumentTests

lint:
	swift format lint --strict -r Sources Tests Package.swift Benchmarks/Package.swift Benchmarks/Sources \
	  Fuzz/Package.swift Fuzz/Sources

dependencies:
	@deploy/install-dependencies.sh
