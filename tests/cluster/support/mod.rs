//! What the tests stand on: prodready as its chart installs it, policies, and reports to wait for.
//!
//! | to | use |
//! |---|---|
//! | test with the one installation that all share | [`in_installation`] |
//! | have a control plane to oneself, to stop what runs in it | [`own_control_plane`], [`Installation::start`] |
//! | end, restart or ask the operator's process | [`Operator`] |
//! | write a policy and have it in force | [`apply_policy`], [`enforce`], [`warn`] |
//! | wait for what is reported | [`wait_for_report`] |
//! | have a workload to apply | [`objects`] |
//! | edit what is there, and read conditions | [`edit`] |
//! | ask for exceptions, approve them and see what they say | [`exceptions`] |
//! | have a stranger answer in the operator's place | [`stranger`] |
//! | have another webhook change what comes | [`injector`] |
//! | lead the gate's Service to several operators | [`lead_to`] |
//! | have requests go on while something happens | [`Load`] |
//! | know which requests reached the gate | [`Installation::reviewed`], [`Operator::reviews`] |
//! | send one request as it is, and see its warnings | [`request::Sent`] |
//! | bring more than the gate can take | [`flood::Flood`] |
//! | write what a peer with a wrong clock would | [`skew`] |
//! | wait for pods | [`wait_for_ready_pods`] |

pub(crate) mod edit;
mod endpoints;
pub(crate) mod exceptions;
pub(crate) mod flood;
pub(crate) mod injector;
mod installation;
mod load;
pub(crate) mod objects;
mod operator;
mod pods;
mod policy;
mod reports;
pub(crate) mod request;
mod shared;
pub(crate) mod skew;
pub(crate) mod stranger;

use std::time::Duration;

pub(crate) use endpoints::lead_to;
pub(crate) use installation::{CHART, Installation, NAMESPACE};
pub(crate) use load::{Load, Tally};
pub(crate) use operator::Operator;
pub(crate) use pods::wait_for_ready_pods;
pub(crate) use policy::{accepted, apply, apply_policy, delete_policy, enforce, warn};
pub(crate) use reports::wait_for_report;
pub(crate) use shared::{in_installation, own_control_plane, shared_installation};

/// How long a state may take to come about on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
