//! What is fuzzed, and how its inputs are varied.

pub mod mutate;
mod targets;

pub use targets::{manifests, policy, review, text};
