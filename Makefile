# Verbs of the project. `make run` shows everything, `make test` checks everything; both install what they need.

GO       ?= go
PYTHON   ?= /usr/bin/python3
PGO      := testdata/bench/load.pgo
SAMPLE   := testdata/captures/two-path-upload.client.pcapng
OUT      := notebooks/out
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Debian packages: what the notebook needs, and what the tests use besides.
DEBS_NOTEBOOK := jupyter-notebook jupyter-client jupyter-nbconvert python3-nbclient python3-nbconvert
DEBS_TEST     := $(DEBS_NOTEBOOK) jupyter-console tmux python3-zmq python3-jupyter-kernel-test python3-ipykernel python3-pandas chromium tshark iproute2 pandoc gcc libc6-dev less man-db glpk-utils zsh fish bash-completion

# Go leaves folders called testdata out of ./... : these hold the lab and other tools.
TOOLS := $(sort $(patsubst %/,./%,$(dir $(wildcard testdata/*/*.go testdata/*/*/*.go))))
# Packages whose goroutines meet: tested with the race detector, where there is a C compiler for it.
RACE  := ./core ./core/analysis ./core/match ./core/cache ./core/live ./core/plugin ./kernel/... ./wasm/bridge/... ./dissect/capture/... ./dissect/trace/...
# Long tests of them that have one goroutine.
ALONE := TestWorseCaptures|TestManyPieces|TestManyOrphans|TestHeaders|TestRestoreDamaged|TestEveryByteFlipped

# What the page runs is tested in WebAssembly too, but for the tests that take minutes there.
IN_WASM   := ./dissect/... ./core ./core/analysis ./core/match ./core/numerics/... ./core/sheet ./core/spelling ./core/style ./core/where
NOT_THERE := TestReadAll$$|TestEndsAnywhere|TestEveryByteFlipped|TestMapped|TestNothingPanics|TestRestoreDamaged|TestSaveRestore|TestSessionsBesideEachOther|TestWorseCaptures

# Go's runner of WebAssembly takes a small environment only.
WASM_ENV = env -i HOME="$$HOME" PATH="$$PATH:$$($(GO) env GOROOT)/lib/wasm" GOCACHE="$$($(GO) env GOCACHE)" GOMODCACHE="$$($(GO) env GOMODCACHE)" GOFLAGS="$$($(GO) env GOFLAGS)" GOOS=js GOARCH=wasm

export CGO_ENABLED ?= 0

.PHONY: build man run test check deps-run deps-test web serve notebook kernelspec quickstart testdata bench soak pgo parity vendor-echarts readers peers firefox clean

build:
	$(GO) build -trimpath -pgo=$(PGO) -o bin/ ./cmd/...

# Manual pages, made from the programs themselves: man -l bin/man/man1/mptcpanalyzer.1
man: build
	@mkdir -p bin/man/man1
	@bin/mptcpanalyzer manual > bin/man/man1/mptcpanalyzer.1
	@for program in mptcpexporter mptcpnumerics mptcpkernel; do bin/$$program --manual > bin/man/man1/$$program.1; done
	@ls bin/man/man1/*.1

# --- using it ---------------------------------------------------------------

run: deps-run build web kernelspec quickstart
	@echo
	@echo "The connections of $(SAMPLE):"
	@echo
	@bin/mptcpanalyzer --load $(SAMPLE) lc
	@echo
	@if [ -e $(OUT)/quickstart.html ]; then \
	  echo "Executed notebook: $(OUT)/quickstart.ipynb   (open it: make notebook)"; \
	  echo "The same as HTML:  $(OUT)/quickstart.html    (open it in any browser)"; \
	else \
	  echo "The notebook was not executed: Jupyter is missing (see above)."; \
	fi
	@echo "The page:          wasm/dist/                 (serve it: make serve)"
	@echo "The programs:      bin/                       (try: bin/mptcpanalyzer $(SAMPLE))"

web:
	$(GO) run ./wasm/build -o wasm/dist

serve: web
	$(GO) run ./wasm/serve wasm/dist

kernelspec: build
	bin/mptcpkernel install --user

quickstart: build kernelspec
	@if $(PYTHON) -c 'import nbclient, nbconvert' 2>/dev/null; then \
	  mkdir -p $(OUT) && \
	  MPTCPKERNEL_CHARTS=inline $(PYTHON) -m nbconvert --log-level WARN --to notebook --execute notebooks/quickstart.ipynb --output-dir $(OUT) && \
	  $(PYTHON) -m nbconvert --log-level WARN --to html $(OUT)/quickstart.ipynb --output-dir $(OUT); \
	else \
	  echo "no Jupyter here: the notebook is not executed (needs: $(DEBS_NOTEBOOK))"; \
	fi

notebook: deps-run build kernelspec
	jupyter notebook $$([ "$$(id -u)" = 0 ] && echo --allow-root) --notebook-dir=notebooks

# --- checking it ------------------------------------------------------------

test: deps-test check web
	$(GO) test -timeout 60m ./wasm ./... $(TOOLS) # the longest first
	@if command -v gcc >/dev/null; then CGO_ENABLED=1 $(GO) test -race -short -timeout 60m -skip '$(ALONE)' $(RACE); \
	else echo "no C compiler: the race detector is left out"; fi
	@if command -v node >/dev/null; then $(WASM_ENV) $(GO) test -short -timeout 60m -skip '$(NOT_THERE)' $(IN_WASM); \
	else echo "no node: nothing is tested in WebAssembly but what Chromium runs"; fi

# What needs no test to run: form, vet, staticcheck, the builds for the other systems.
check:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "gofmt wants to change:"; echo "$$bad"; exit 1; fi
	$(GO) vet ./... $(TOOLS)
	$(GO) run $(STATICCHECK) ./... $(TOOLS)
	GOOS=js GOARCH=wasm $(GO) build -o /dev/null ./wasm && GOOS=js GOARCH=wasm $(GO) build ./core ./core/analysis ./dissect/...
	GOOS=darwin GOARCH=arm64 $(GO) build -o /dev/null ./cmd/...
	GOOS=windows GOARCH=amd64 $(GO) build -o /dev/null ./cmd/...

testdata:
	$(GO) run ./testdata/lab -publish testdata/captures testdata/lab/scenarios/*.json

bench: build
	$(GO) run ./testdata/bench -tshark -wasm -page

# What loading a capture spends its time with, for the compiler.
pgo:
	$(GO) run -pgo=off ./testdata/bench -profile $(PGO)

# An hour of four notebooks on one kernel: nothing may grow.
soak:
	SOAK_MINUTES=60 $(GO) test -v -timeout 90m -run TestSoak ./cmd/mptcpkernel

parity: build
	$(GO) run ./testdata/parity

# The chart library, from npm, as it stands in display/echarts/assets.
vendor-echarts:
	sh display/echarts/assets/vendor.sh

# Wireshark in WebAssembly, from npm, to be measured beside ours by make bench; without it that is left out.
peers:
	cd testdata/bench/peers && npm install --no-audit --no-fund --no-save

# What drives Firefox, from npm, for the page's tests; without it, or without Firefox, those are left out.
firefox:
	cd wasm/testdata/firefox && npm install --no-audit --no-fund --no-save

# Readers of Parquet and Arrow, from npm, for the exporter's tests; without them those are left out.
readers:
	cd testdata/readers && npm install --no-audit --no-fund --no-save

clean:
	rm -rf bin wasm/dist $(OUT)

# --- what it needs ----------------------------------------------------------

# $(call debs,PACKAGES,must|may): installs what is missing; without the right to, says what to install, and fails if it must.
define debs
	@missing=; for p in $(1); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] && exit 0; \
	if ! command -v apt-get >/dev/null; then sudo=no; \
	elif [ "$$(id -u)" = 0 ]; then sudo=; \
	elif sudo -n true 2>/dev/null; then sudo=sudo; else sudo=no; fi; \
	if [ "$$sudo" != no ] && echo "installing:$$missing" && \
	  { $$sudo apt-get install -y --no-install-recommends $$missing >/dev/null 2>&1 || \
	    { $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing >/dev/null; }; }; \
	then exit 0; fi; \
	echo "missing, and not to be installed from here:$$missing"; \
	echo "install them with: sudo apt-get install$$missing"; \
	[ $(2) = may ]
endef

deps-run:
	$(call debs,$(DEBS_NOTEBOOK),may)

deps-test:
	$(call debs,$(DEBS_TEST),may)
