# What this repository can do; `make help` prints the comments behind the targets.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

include tests/controlplane/controlplane.mk

.PHONY: help demo demo-up demo-down test quick lint fmt generate build bench deny docs schema

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

bench: controlplane ## Speed and memory, each figure beside its baseline in the same run
	cargo bench --locked --bench figures -- $(PARTS)

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
