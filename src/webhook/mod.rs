//! The gate: a validating webhook that answers from memory.

pub mod certificate;
mod conditions;
pub mod entry;
pub mod limits;
pub mod probe;
pub(crate) mod reach;
pub mod registration;
pub mod review;
pub mod router;
pub mod server;
pub mod tls;
mod wire;
