# SPDX-License-Identifier: Apache-2.0
# A thin wrapper around meson for developers. Required packages are installed with apt on first use.

BUILD   ?= build
ROOT    := $(abspath $(BUILD))/root
T       ?=
J       ?= $(shell nproc)
PACKAGES = $(if $(wildcard $(BUILD)/packages),-p $(BUILD)/packages)
S       ?= 60
BENCH   ?=
SPDK    ?=

.PHONY: all deps check test golden fuzz vm kernels interop demo bench format install root deb rpm packages clean

all: $(BUILD)/build.ninja
	meson compile -C $(BUILD)

deps:
	@test/deps

$(BUILD)/build.ninja:
	@test/deps
	meson setup $(BUILD)

# Build, unit tests, fuzz corpora, simulation, purity: less than a minute.
check: all
	meson test -C $(BUILD) --num-processes $$(($$(nproc) * 2)) --print-errorlogs

# Everything: both compilers, sanitizers, valgrind, the scenarios on a real kernel. T="valgrind vm": these parts only.
test:
	@test/all $(T)

# Writes the programs' output to test/golden, to review a change of wording as a diff.
golden: all
	@test/golden/golden.py --update . $(addprefix $(BUILD)/src/,daemon/stafd daemon/stacd cli/stafctl cli/stacctl cli/stasadm) $(wildcard $(BUILD)/test/play)

# make fuzz T=ini S=600: this fuzzer (default: all), for this many seconds each.
fuzz:
	@test/fuzz/all $(S) $(T)

# What `make install` installs, in a directory for the VM.
root: all
	@rm -rf $(ROOT)
	@DESTDIR=$(ROOT) meson install -C $(BUILD) --quiet --no-rebuild

# A package for this machine.
deb:
	@test/deps debhelper
	@DEB_BUILD_OPTIONS=nocheck packaging/deb $(BUILD)/deb
	@ls $(BUILD)/deb/*.deb

rpm:
	@test/deps rpm
	@packaging/rpm $(BUILD)/rpm
	@ls $(BUILD)/rpm/*.rpm

# All packages, built and checked in a Debian 13 root, as in the VM.
packages:
	@test/packages $(BUILD)/packages

# make vm T="B3 registry" J=1: these scenarios, by code or name, one at a time; default: all, as many at a time as there
# are cores.
vm: root
	@test/vm/scenarios-run -j $(J) $(PACKAGES) $(ROOT) $(T)

# The scenarios (T= selects) on the kernels of other Debian releases: 5.10, 6.1, the newest.
kernels: root
	@test/vm/kernels -j $(J) $(PACKAGES) $(ROOT) $(T)

# SPDK=DIR: against SPDK's target, which DIR has (docs/INTEROPERABILITY.md). Not a part of make test.
interop: root
	@test/interop/run -j $(J) "$(SPDK)" $(ROOT) $(T)

demo: root
	@test/vm/demo $(ROOT)

# BENCH="-r 1 -n 3": see test/vm/bench/run.
bench: root
	@test/vm/bench/run $(BENCH) $(ROOT)

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

install: all
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) build-*
