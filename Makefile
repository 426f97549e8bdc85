# Everything here is one command; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help programs build demo test fuzz lint idl bench check-toolchain clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

programs: ## build the programs into target/deploy
	@toolchain/build-programs

# Always the whole workspace in release: another selection of packages would compile the Solana runtime again.
build: ## build everything that runs on this machine
	@scripts/install-packages host
	@cargo build --release --workspace

# Standard output belongs to the demo alone.
demo: ## play the demo; options go in ARGS="…"
	@$(MAKE) --no-print-directory programs build >&2
	@target/release/tidepool demo $(ARGS)

test: programs build ## format, lints, all tests, compute units
	@scripts/test

fuzz: seed := $(or $(SEED),$(shell date +%s))
fuzz: programs build ## random runs against plain models; STEPS=1000000 (of each program) SEED=7 RUN=50000 (steps a chain)
	@target/release/fuzz --steps $(or $(STEPS),100000) --run $(or $(RUN),4000) --seed $(seed)
	@target/release/fuzz-fixed --steps $(or $(STEPS),100000) --run $(or $(RUN),1000) --seed $(seed)

lint: ## format and clippy
	@cargo fmt --all --check
	@cargo clippy --release --workspace --all-targets -- -D warnings

idl: build ## write down the programs' interfaces anew
	@target/release/idl programs/tidepool idl/tidepool.json
	@target/release/idl programs/fixed_pools idl/fixed_pools.json

bench: programs build ## measure compute units and the pool of 1,000 validators anew and write them down
	@target/release/compute-units --write
	@target/release/thousand-validators --write

check-toolchain: ## prove what toolchain/README.md promises
	@toolchain/check/run

clean: ## forget all that was built
	@rm -rf target
