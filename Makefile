# The project's commands. Each installs what it needs first, so that it works on a fresh
# machine; `make help` lists them.
SHELL := /bin/bash
MAKEFLAGS += --no-builtin-rules
export PATH := $(CURDIR)/target/tools/node/bin:$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# Where what `make run` starts is built: optimised, without the release's slow link.
LOCAL := target/local
# Where `make install` puts it, and `make uninstall` finds it.
PREFIX ?= $(HOME)/.local
window_sources := $(shell find ui locales -name node_modules -prune -o -name dist -prune -o -type f -not -name '*.test.ts' -print)

.PHONY: help install uninstall run demo test quick bench torture check screenshots man clean
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

install: ## Install it in ~/.local, or in PREFIX=; nothing is started
	@scripts/setup run
	@$(MAKE) --no-print-directory $(LOCAL)
	@scripts/install $(LOCAL) $(PREFIX)

uninstall: ## Remove it from ~/.local, or from PREFIX=; what was held and your settings stay
	@scripts/uninstall $(PREFIX)

run: ## Use Tidegate from this folder; without a display, the demo
	@scripts/setup $(if $(DISPLAY)$(WAYLAND_DISPLAY),run,demo)
	@$(MAKE) --no-print-directory $(LOCAL)
	@scripts/run $(LOCAL)

demo: ## Show the main job on real parts in a private session
	@scripts/setup demo
	@$(MAKE) --no-print-directory $(LOCAL)
	@scripts/demo $(LOCAL)

test: ## Run every check and every test
	@scripts/setup test
	@scripts/test

quick: ## While working: what needs neither WebKit nor a bus
	@scripts/setup test
	@scripts/test quick

check: ## Only formats, lints, types and licences
	@scripts/setup test
	@scripts/test checks

bench: ## Measure it against other daemons, and its window against an empty one
	@scripts/setup test
	@$(MAKE) --no-print-directory ui/dist/index.html
	@cargo build --locked --release -p tidegate -p tidegate-relay -p tidegate-app --bins --example empty
	@cargo bench --locked -p tidegate-tests-process -p tidegate-tests-app

torture: ## Kill daemon, relay and renderer at random points under load, N= times (200)
	@scripts/setup test
	@scripts/test torture $(N)

screenshots: ## Draw the README's and the tests' pictures anew
	@scripts/setup test
	@scripts/test screenshots

man: ## Write the manual pages, into target/man
	@scripts/setup build
	@cargo run --locked --quiet --profile local -p tidegate-man -- target/man

clean: ## Remove what was built
	@cargo clean --quiet
	@rm -rf ui/dist ui/node_modules

.PHONY: $(LOCAL)
$(LOCAL): ui/dist/index.html
	@cargo build --locked --profile local -p tidegate -p tidegate-relay -p tidegate-app -p tidegate-man

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund
	@touch $@

ui/dist/index.html: ui/node_modules/.package-lock.json $(window_sources)
	cd ui && npm run --silent build
	@touch $@
