//! The operator: watches the cluster, keeps the reports current, feeds the gate.

mod alarms;
mod announce;
mod arming;
mod events;
mod everything;
mod exception_status;
mod foresight;
mod hazards;
mod index;
mod keeper;
mod leader;
mod owner;
mod permission;
mod policies;
mod policy_status;
mod process;
pub mod protection;
mod pruning;
mod reachability;
mod renewal;
mod rescore;
mod stored;
mod watches;
mod write;

pub use arming::{DEFAULTS_REGISTERED, REGISTERED, rearm};
pub use leader::RENEWED_WITHIN;
pub use process::{OperatorError, Settings, run};
