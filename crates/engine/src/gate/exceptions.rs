//! What the gate says about exceptions: those that end soon, and those that would help and are not in force.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Case, Decision,
    denial::{date, one_line},
};
use crate::{api::vocabulary::Mode, exception::Excepted};

/// How many exceptions are named of each sort.
const NAMED: usize = 3;

/// The decision with a warning for each exception that lets something through and ends soon.
pub(super) fn with_ending(decision: Decision, case: &Case<'_>, excepted: &Excepted) -> Decision {
    match decision {
        Decision::Allowed { warnings }
            if case.policy.enforcement.mode_at(case.now) != Mode::Audit =>
        {
            let ending = ending(excepted, case.now);
            Decision::Allowed {
                warnings: ending.into_iter().chain(warnings).collect(),
            }
        }
        other => other,
    }
}

/// One line for each exception that is for findings of this object and is not in force.
pub(super) fn lapsed(excepted: &Excepted) -> Vec<String> {
    excepted
        .effects
        .iter()
        .filter(|effect| effect.findings > 0 && !effect.standing.is_in_force())
        .take(NAMED)
        .map(|effect| {
            one_line(&format!(
                "exception {} is not in force: {}",
                effect.exception, effect.standing
            ))
        })
        .collect()
}

fn ending(excepted: &Excepted, now: Timestamp) -> Vec<String> {
    let mut ending: BTreeMap<(Timestamp, &str), usize> = BTreeMap::new();
    for forgiven in excepted.forgiven.iter().filter(|each| each.ends_soon) {
        let key = (forgiven.expiration_time, forgiven.exception.as_ref());
        *ending.entry(key).or_default() += 1;
    }
    ending
        .into_iter()
        .take(NAMED)
        .map(|((end, name), findings)| {
            let findings = match findings {
                1 => "1 finding counts".to_owned(),
                many => format!("{many} findings count"),
            };
            one_line(&format!(
                "{findings} again from {}, when exception {name} ends",
                date(end, now)
            ))
        })
        .collect()
}
