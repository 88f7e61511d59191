//! The pure middle of prodready: the same input gives the same verdict in an editor, in CI, at the
//! gate and in the cluster.
//!
//! Data goes one way: [`object`]s make a [`surroundings::Cluster`]; [`judge`] asks each check of the
//! [`policy`] about a workload; [`score`] counts; [`report`] and [`gate`] turn the count into what
//! people read. Nothing here knows a clock, a network, a file, a task or a global.

pub mod api;
pub mod baseline;
pub mod check;
pub mod checks;
pub mod crds;
pub mod credential;
pub mod edge;
pub mod environment;
pub mod exception;
pub mod facts;
pub mod fix;
pub mod gate;
pub mod judge;
pub mod object;
pub mod peers;
pub mod policy;
pub mod question;
pub mod report;
pub mod role;
pub mod rule;
pub mod scanned;
pub mod schedule;
pub mod schema;
pub mod score;
pub mod spread;
pub mod subject;
pub mod surroundings;
pub mod views;
