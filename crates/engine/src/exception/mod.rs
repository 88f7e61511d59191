//! Exceptions: which of them count, for whom, and what they forgive.
//!
//! What is forgiven is in neither sum of the score, denies nothing, and is listed. Whether an exception counts is
//! decided in one place, [`standing`], with the moment given, for the gate, for reports and for files.

mod forgive;
mod mistakes;
mod paid;
mod scope;
mod status;
mod term;

pub use forgive::{
    Effect, Excepted, Forgiven, honour, judge, judge_before, judge_without_baseline,
};
pub use mistakes::mistakes;
pub use status::{Effects, by_exception, status};
pub use term::{Grounds, Standing, ends_soon, has_expired, instants, standing};
