//! The made-up cluster that benchmarks use is what it says it is.

#[path = "../benches/corpus/mod.rs"]
mod corpus;
