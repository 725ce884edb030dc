# What people type. Everything installs what it needs first; where it is there already that takes no time.
.PHONY: help run build install uninstall packages image release reproduce beside test sanitize check-arm64 soak lint docs bench baseline \
  fuzz dependencies home-assistant-app

PROGRAM := .build/release/meterbridge
PREFIX ?= /usr/local
DESTDIR ?=
FOR ?=
BROKER_PORT ?= 18830
TARGET ?= mbus
SECONDS ?= 60
MINUTES ?= 10
SEED ?=
ALL ?=
CHECK ?=
ROWS ?=
FILTER ?=
COMMIT ?=
ROUNDS ?= 5
# Options of builds that are made once: .ci/run.
ONCE ?=
# What the system tests meet: gateways, proxies, scrapers, browsers, readers of manual pages, shells.
TESTED_WITH := ser2net systemd nginx-light prometheus chromium chromium-driver man-db mandoc bsdextrautils zsh fish faketime \
  apparmor

help: ## print this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## /\1\t/p' Makefile | awk -F '\t' '{ printf "make %-19s %s\n", $$1, $$2 }'

run: build ## a private broker, simulated meters and the bridge; FOR=25 (seconds) BROKER_PORT=18830
	@FOR=$(FOR) BROKER_PORT=$(BROKER_PORT) Scripts/demo.sh $(PROGRAM)

build: dependencies ## build the release program, .build/release/meterbridge; ARCH=arm64: .build/arm64/meterbridge
	ARCH=$(ARCH) Scripts/build.sh

image: dependencies ## make container images for amd64 and arm64 in .build/image, without a container engine
	Scripts/build.sh
	ARCH=arm64 Scripts/build.sh
	Scripts/image.sh

# Neither builds: the program is the user's, and what installs it is root.
install: ## install the program that make build left, unit, rules, manual, completions; PREFIX=/usr/local DESTDIR=
	@DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) PROGRAM=$(PROGRAM) Scripts/install.sh install

uninstall: ## remove what make install has put there; configuration and state stay
	@DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) PROGRAM=$(PROGRAM) Scripts/install.sh uninstall

packages: dependencies ## Debian packages for amd64 and arm64, .build/packages/*.deb; ARCH=amd64: for one
	Scripts/build.sh
	@set -e; for arch in $(or $(ARCH),amd64 arm64); do ARCH=$$arch Scripts/build.sh; ARCH=$$arch Scripts/packages.sh; done

release: dependencies ## packages, images and the Home Assistant app of all architectures, with checksums, from a commit
	Scripts/release.sh

reproduce: build ## build once more in another folder, and compare program and packages
	Scripts/reproduce.sh

test: dependencies ## run all tests but the soak; FILTER=TidyTests (a regular expression) runs some
	@Scripts/install-dependencies.sh $(TESTED_WITH)
	@Scripts/python-peers.sh
	Scripts/test.sh $(if $(FILTER),--filter '$(FILTER)')

sanitize: dependencies ## run tests under AddressSanitizer and ThreadSanitizer; ALL=1: every test under both
	Scripts/sanitize.sh $(ALL)

check-arm64: build ## build the program for arm64, and hold it against that of this machine in qemu
	ARCH=arm64 Scripts/build.sh
	@Scripts/install-dependencies.sh qemu-user-static
	METERBRIDGE_SOAK_MINUTES=1 swift test --disable-xctest --no-parallel --filter 'SoakARM64Tests'

# Every test with the real program, held to what it promises in seconds; faults at random, and those that need root or many
# minutes. The seed is printed; SEED= repeats it.
soak: build image ## system tests held to their seconds, then random faults, as root; MINUTES=10 SEED= (repeats a printed one)
	@Scripts/install-dependencies.sh $(TESTED_WITH) e2fsprogs iproute2 mmdebstrap strace \
	  systemd-container qemu-user-static docker-compose nats-server rabbitmq-server ejabberd
	@Scripts/python-peers.sh
	@Scripts/debian-roots.sh
	@Scripts/packages.sh
	@Scripts/unpack-images.sh
	@Scripts/home-assistant-root.sh
	@ARCH=arm64 Scripts/packages.sh
	METERBRIDGE_SOAK_MINUTES=$(MINUTES) METERBRIDGE_SOAK_SEED=$(SEED) \
	  swift test --disable-xctest --no-parallel --filter '^SystemTests\.'

# What tests do not build would fall behind the program. In the folder of its own build, so that nothing is compiled twice.
# Fuzz is not linked: its entry point is libFuzzer's.
beside: dependencies ## compile the packages beside the program, Benchmarks and Fuzz
	swift build --package-path Benchmarks --scratch-path $(CURDIR)/.build $(ONCE)
	swift build --package-path Fuzz --scratch-path $(CURDIR)/.build --target Fuzz $(ONCE)

home-assistant-app: ## after make image: the app of Home Assistant, in .build/home-assistant
	Scripts/home-assistant-app.sh

lint: ## check the format of all Swift files
	swift format lint --strict --parallel -r Sources Tests Package.swift Benchmarks/Package.swift Benchmarks/Sources \
	  Fuzz/Package.swift Fuzz/Sources

docs: dependencies ## write the generated parts of docs, and the files of deploy that are made: manual pages, completions …
	METERBRIDGE_WRITE_DOCS=1 swift test --disable-xctest --filter DocumentTests

bench: build ## compare speed with peers; ROWS='mbus p1' picks rows, CHECK=1 fails below 0.8 of Benchmarks/expected.txt
	CHECK=$(CHECK) Benchmarks/run.sh $(ROWS)

baseline: dependencies ## compare speed, size and memory with an older commit; COMMIT=854063a ROUNDS=5 ROWS='mbus p1'
	ROUNDS=$(ROUNDS) ROWS='$(ROWS)' Benchmarks/baseline.sh $(COMMIT)

fuzz: dependencies ## run libFuzzer on one target or all; TARGET=mbus SECONDS=60
	Fuzz/run.sh "$(TARGET)" $(SECONDS)

dependencies: ## install the Debian packages that building and testing need
	@Scripts/install-dependencies.sh
