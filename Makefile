# zimbraloki: `make help` lists the targets.
SHELL    := /bin/bash
GO       ?= go
BUILD    := build
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X github.com/zimbraloki/zimbraloki/internal/buildinfo.Version=$(VERSION)
GOFILES  := $(shell find . -name '*.go' -not -path './$(BUILD)/*' -not -path './test/*/*/*' -not -path './packaging/*' -not -path './intake/*')
SO       := $(BUILD)/zimbraloki.so
# fluent-bit-go brings a decoder that the plugin does not use; without its
# generated fast paths the plugin is 0.9 MB smaller.
SOTAGS   := notfastpath
# The same file as a native filter: one Go runtime for both.
FILTERSO := $(BUILD)/flb-filter_zimbraloki.so
HOST     := $(BUILD)/host
CLI      := $(BUILD)/zimbraloki
INTAKE   := $(BUILD)/zimbraloki-intake
INTAKEFILES := $(shell find intake -type f -not -name '*_test.go')
WASM     := $(BUILD)/zimbraloki.wasm
# The demo is built to be there soon: without the profile that makes the release
# fast, what debuggers read, and the compiler's optimisation, in one way, so that
# each package is compiled once (pie compiles them as c-shared does). Names are
# looked up by Go, which spares cgo in net. The runtime is compiled as ever:
# without inlining it ends on a thread of C.
QUICK    := $(BUILD)/demo
QUICKFLAGS := -gcflags='all=-dwarf=false -N -l' -gcflags='runtime/...=-dwarf=false' -gcflags='internal/...=-dwarf=false'
QUICKBUILD = CGO_ENABLED=1 $(GO) build -trimpath -tags $(SOTAGS),netgo,osusergo -pgo=off $(QUICKFLAGS) -ldflags '$(LDFLAGS)'
TOOLS    := $(BUILD)/tools
LINTERS  := $(addprefix $(TOOLS)/,gofumpt staticcheck govulncheck)
FUZZTIME ?= 20s

export ZIMBRALOKI_BUILD := $(CURDIR)/$(BUILD)
# LOKI=/path/to/loki is a real Loki for the demo and the tests, which run in
# many folders.
ifneq ($(GRAFANA),)
override GRAFANA := $(abspath $(GRAFANA))
export GRAFANA
endif
ifneq ($(GRAFANA_HOME),)
override GRAFANA_HOME := $(abspath $(GRAFANA_HOME))
export GRAFANA_HOME
endif
ifneq ($(LOKI),)
override LOKI := $(abspath $(LOKI))
export LOKI
endif

.DEFAULT_GOAL := help
.PHONY: help all so cli intake wasm host demo look test check race fuzz bench measure pgo lint format package package-test release-check image generate golden fixtures clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

all: so cli ## build the plugin and the command line

so: $(SO) ## build the plugin, build/zimbraloki.so, and flb-filter_zimbraloki.so, a link to it
$(SO): $(GOFILES) $(wildcard plugin/*.c plugin/*.h) go.mod go.sum plugin/default.pgo
	CGO_ENABLED=1 $(GO) build -trimpath -tags $(SOTAGS) -buildmode=c-shared -ldflags '$(LDFLAGS)' -o $@ ./plugin
	ln -sf $(notdir $(SO)) $(FILTERSO)

cli: $(CLI) ## build the command line, build/zimbraloki
$(CLI): $(GOFILES) go.mod go.sum
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/zimbraloki

intake: $(INTAKE) ## build the server that takes archives by ticket, build/zimbraloki-intake
$(INTAKE): $(GOFILES) $(INTAKEFILES) go.mod go.sum
	cd intake && CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(CURDIR)/$@ ./cmd/zimbraloki-intake

wasm: $(WASM) ## build the filter for Fluent Bit, build/zimbraloki.wasm
$(WASM): $(GOFILES) go.mod go.sum filter/wasm/settings.conf
	GOOS=wasip1 GOARCH=wasm $(GO) build -trimpath -buildmode=c-shared -ldflags '$(LDFLAGS)' -o $@ ./filter/wasm

host: $(HOST) ## build the program that loads the plugin the way Fluent Bit does
$(HOST) $(QUICK)/host: $(wildcard test/host/*.c test/host/*.h)
	@mkdir -p $(@D)
	gcc -std=c11 -O2 -g -Wall -Wextra -rdynamic -o $@ $(filter %.c,$^) -ldl -lpthread

demo: $(QUICK)/host ## send sample logs through the plugin to `zimbraloki serve` or LOKI, then query it
	$(QUICKBUILD) -buildmode=pie -o $(QUICK)/demo ./test/demo
	$(QUICKBUILD) -buildmode=c-shared -o $(QUICK)/zimbraloki.so ./plugin
	$(QUICK)/demo $(DEMOFLAGS)

# GRAFANA is the program, if it is not in PATH, GRAFANA_HOME its folder.
look: so host cli ## open the dashboards in a real Grafana (GRAFANA, GRAFANA_HOME) and Chromium, click, import: build/pictures; LOOKFLAGS='-only …'
	cd test/look && $(GO) run . -out $(CURDIR)/$(BUILD)/pictures $(LOOKFLAGS)

test: so host cli ## all tests, with `zimbraloki serve`, and a real Loki too if LOKI or PATH has one
	$(GO) vet ./...
	cd intake && $(GO) vet ./...
	$(GO) run ./dev/testsum . intake observe packaging tools test/promlint test/pushoracle test/wasm test/grafana

check: ## vet and the quick tests, without Loki or Fluent Bit: 70 s on two cores
	$(GO) vet ./...
	$(GO) run ./dev/testsum -short -without test .

race: so host cli ## run the tests under the race detector
	$(GO) test -race -short ./...
	cd intake && $(GO) test -race -short ./...

fuzz: ## run each fuzz target for FUZZTIME (20s)
	@set -e; for dir in $$($(GO) list -f '{{.Dir}}' ./... && cd intake && $(GO) list -f '{{.Dir}}' ./...); do \
	  for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' $$dir/*_test.go 2>/dev/null | sed 's/func //'); do \
	    echo "== $$f"; (cd $$dir && $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) .); done; done

bench: ## run the benchmarks: MB/s and allocations, per stage and in total
	$(GO) test -run '^$$' -bench . -benchmem ./chunk ./transform/... ./loki ./pipeline

measure: so ## what the plugin costs in Fluent Bit (FLUENT_BIT, or of PATH), beside its own parsers: the table of docs/performance.md
	$(GO) run ./dev/measure -plugin $(SO) $(MEASUREFLAGS)

pgo: ## profile the way of mailbox, PLAN-R and zimbra.log lines anew, plugin/default.pgo
	@mkdir -p $(BUILD)
	$(GO) test -run '^$$' -bench 'Flush/^(mailbox|planr|zimbra-real)$$' -cpu 1 -trimpath -benchtime 8s -cpuprofile $(CURDIR)/$(BUILD)/cpu.pprof -o $(BUILD)/pipeline.test ./pipeline
	$(GO) tool pprof -proto -output plugin/default.pgo $(BUILD)/pipeline.test $(BUILD)/cpu.pprof

lint: $(LINTERS) ## format, vet, staticcheck, known vulnerabilities, and the house rules that a machine can check
	GO='$(GO)' tools/lint.sh $(TOOLS)
	nice $(GO) test -run 'TestRepository' .

format: $(TOOLS)/gofumpt ## format the code as `make lint` wants it
	$(TOOLS)/gofumpt -w .

$(LINTERS): tools/go.mod tools/go.sum
	@mkdir -p $(TOOLS)
	cd tools && nice $(GO) build -o $(CURDIR)/$(TOOLS)/ tool
	@touch $(LINTERS)

package: ## build dist/: deb, rpm, archive, SBOM, checksums; arm64 too if gcc-aarch64-linux-gnu is installed
	VERSION='$(VERSION)' GO='$(GO)' packaging/build.sh

package-test: package host ## install, use and remove the packages in a fresh Debian (root, debootstrap)
	cd packaging && $(GO) test -count=1 -v .

release-check: ## check .goreleaser.yaml with goreleaser (some minutes the first time)
	$(GO) run github.com/goreleaser/goreleaser/v2@v2.13.3 check

image: ## build the container image with Docker
	docker build --build-arg VERSION='$(VERSION)' -t zimbraloki:$(VERSION) .

generate: ## regenerate documentation, dashboards and alerts
	$(GO) run ./dev/gen
	cd observe && $(GO) run .
	cd intake && $(GO) test -count=1 -run Documentation . ./settings -update

golden: ## accept the parsers' present output as correct (then read the diff)
	$(GO) test $$(grep -rl --include='*_test.go' '/internal/golden"' . | xargs -n1 dirname | sort -u) -run Golden -update

fixtures: ## recreate the fixtures from real programs (root on Debian 12; see test/fixtures)
	test/log4j/run.sh
	test/fixtures/run.sh

clean: ## remove what was built
	rm -rf $(BUILD) dist
