//! The operator: watches the cluster, keeps the reports current, feeds the gate.

mod alarms;
mod arming;
mod events;
mod everything;
mod exception_status;
mod index;
mod keeper;
mod leader;
mod owner;
mod policies;
mod policy_status;
mod process;
mod renewal;
mod rescore;
mod stored;
mod watches;
mod write;

pub use arming::rearm;
pub use process::{OperatorError, Settings, run};
