# What this repository can do; `make help` prints the comments behind the targets.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

include tests/controlplane/controlplane.mk

.PHONY: help demo demo-up demo-down test quick lint fmt generate build bench bench-gate chaos deny docs schema fuzz fuzz-keep

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 16

build: ## Build the program (debug)
	cargo build --locked

demo: controlplane build ## See it work: a real control plane, reports, a denial, a repair; ends by itself
	demo/demo.sh run

demo-up: controlplane build ## The same, and keep it running to look around
	demo/demo.sh up

demo-down: ## End what demo-up left running
	demo/demo.sh down

test: controlplane lint ## Formatting, clippy, unit, property and end-to-end tests
	cargo test --workspace --locked

quick: ## Tests that need no cluster
	cargo test --workspace --locked --exclude prodready-testkit -- --skip cluster

lint: ## Formatting, clippy, documentation, layers
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
	@! cargo tree --package prodready-engine --edges normal --locked --prefix none | grep -E '^(tokio|hyper|rustls|kube-client|kube-runtime) ' \
		|| { echo 'the engine is pure: it must not depend on the crates above'; exit 1; }
	@cargo metadata --locked --quiet --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null \
		|| { echo 'fuzz/Cargo.lock is out of date: cargo metadata --manifest-path fuzz/Cargo.toml >/dev/null'; exit 1; }

bench: controlplane ## Speed and memory, each figure beside its baseline in the same run
	cargo bench --locked --bench figures -- $(PARTS)

bench-gate: controlplane ## What the gate costs through a real API server, beside no webhook, a CEL policy, a bare webhook
	cargo bench --locked --bench gate

chaos: controlplane ## Ten minutes of faults (CHAOS_SECONDS; CHAOS_FAKETIME: libfaketime, for a clock that is off); prints what came of it
	CHAOS_SECONDS=$${CHAOS_SECONDS:-600} cargo test --locked --test cluster chaos:: -- --nocapture

# Minutes for each target, and which targets.
FUZZ_MINUTES ?= 10
FUZZ_TARGETS ?= review policy manifests text
FUZZ_RUN := RAYON_NUM_THREADS=1 cargo fuzz run --sanitizer none

fuzz: ## Coverage-guided fuzzing on stable, FUZZ_MINUTES for each of FUZZ_TARGETS (needs cargo-fuzz, a C++ compiler)
	@command -v cargo-fuzz >/dev/null || { echo 'cargo-fuzz is missing: cargo install --locked cargo-fuzz'; exit 1; }
	WRITE_SEEDS=1 cargo test --locked --quiet --test fuzz
	for target in $(FUZZ_TARGETS); do \
		mkdir -p target/fuzz/found/$$target; \
		$(FUZZ_RUN) $$target target/fuzz/found/$$target target/fuzz/seeds/$$target -- \
			-max_total_time=$$(($(FUZZ_MINUTES) * 60)) -timeout=10 -rss_limit_mb=3000 -max_len=16000 -print_final_stats=1; \
	done

# What is new is told by its name: libFuzzer names by hash, seeds have numbers.
fuzz-keep: ## Add to fuzz/corpus what `make fuzz` found that reaches more code than the seeds and the corpus
	for target in $(FUZZ_TARGETS); do \
		rm -rf target/fuzz/kept/$$target; mkdir -p target/fuzz/kept/$$target; \
		cp target/fuzz/seeds/$$target/* target/fuzz/kept/$$target/; \
		$(FUZZ_RUN) $$target target/fuzz/kept/$$target target/fuzz/found/$$target -- -merge=1 -use_counters=0; \
		find target/fuzz/kept/$$target -name '????????????????????????????????????????' -exec cp {} fuzz/corpus/$$target/ \; ; \
	done

deny: ## Licences, sources, duplicates and layers of the dependencies (needs cargo-deny)
	@command -v cargo-deny >/dev/null || { echo 'cargo-deny is missing: cargo install --locked cargo-deny'; exit 1; }
	cargo deny --locked check bans licenses sources

generate: build ## Write what is generated: CRDs for crds/ and the chart
	target/debug/prodready crd --directory crds
	mkdir -p charts/prodready/files/crds
	cp crds/*.yaml charts/prodready/files/crds/

schema: ## Write the table of Kubernetes' fields, as the tests' API server publishes them
	WRITE_SCHEMA=1 cargo test --test cluster schema::

docs: ## Write the pages of the checks, docs/checks
	WRITE_PAGES=1 cargo test --package prodready-engine --test pages

fmt: ## Format the code
	cargo fmt --all
