//! What exceptions forgive, for whom, and until when, at the gate and in reports.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "helpers of tests are brief and end their test"
)]

mod baseline;
mod gate;
mod rules;
mod scope;
mod status;
mod support;
mod term;
