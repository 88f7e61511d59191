//! The gate: a webhook that answers from memory. It validates, and fills in what policies list.

pub mod certificate;
mod conditions;
pub mod configuration;
pub mod defaults;
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
