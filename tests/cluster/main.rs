//! The chart, the operator and the gate against a real control plane.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::panic,
    reason = "a failing helper must end its test and say why"
)]

mod admission;
mod alerts;
mod audit;
mod baseline;
mod breakglass;
mod certificates;
mod chaos;
mod chart;
mod configuration;
mod dates;
mod defaults;
mod defaults_configuration;
mod doctor;
mod doors;
mod endings;
#[path = "../../crates/engine/tests/support/mod.rs"]
mod examples;
mod exceptions;
mod failover;
mod fixes;
mod gate;
mod overload;
mod partial;
mod policies;
mod power;
mod protected;
mod reach;
mod reports;
mod restart;
mod rights;
mod rules;
mod schema;
mod support;
mod why;
