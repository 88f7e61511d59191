//! What ran may go on running: a change is denied only for what it makes worse.

use std::collections::BTreeMap;

use crate::{
    check::Check,
    judge::{Finding, Judgement},
};

/// What was wrong before, each with how often.
pub(super) struct Before<'a>(BTreeMap<Identity<'a>, usize>);

/// What makes two findings the same one, whatever else changed around them. Containers and items of lists
/// may change places.
type Identity<'a> = (&'static str, Option<&'a str>, String);

impl<'a> Before<'a> {
    /// The findings of the object as it is stored.
    pub(super) fn of(judgement: &'a Judgement) -> Self {
        let mut counts = BTreeMap::new();
        for (check, finding) in judgement.findings() {
            *counts.entry(identity(check, finding)).or_default() += 1;
        }
        Self(counts)
    }

    /// Whether a finding was there before. One from before answers for one of now, not for more.
    pub(super) fn had(&mut self, check: &'static Check, finding: &'a Finding) -> bool {
        match self.0.get_mut(&identity(check, finding)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

fn identity<'a>(check: &'static Check, finding: &'a Finding) -> Identity<'a> {
    let pointer = finding.fault.pointer.as_str();
    let is_index = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
    let place: Vec<&str> = pointer
        .split('/')
        .map(|segment| if is_index(segment) { "-" } else { segment })
        .collect();
    (
        check.id,
        finding.fault.container.as_deref(),
        place.join("/"),
    )
}
