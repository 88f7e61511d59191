//! The policies as they are written, and the last good form of each.

use std::{collections::BTreeMap, sync::Arc};

use prodready_engine::{
    api::policy::ProductionReadinessPolicy,
    object::resource::Whole,
    policy::{FieldError, Policy, PolicySet, whole_for},
};

use crate::written::Written;

/// Every policy by name.
#[derive(Debug, Default)]
pub(super) struct Policies {
    entries: BTreeMap<String, Entry>,
    in_force: Arc<PolicySet>,
}

/// One policy.
#[derive(Debug)]
pub(super) struct Entry {
    /// As it is written, with its status.
    pub(super) written: ProductionReadinessPolicy,
    /// What is in force: the newest form without a mistake. Where there was none since the start, the newest of which
    /// no more than some rules ask for fields that are none.
    pub(super) in_force: Option<Arc<Policy>>,
    /// The mistakes of the newest form.
    pub(super) mistakes: Vec<FieldError>,
}

/// Whether what is in force changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InForce {
    /// It did.
    Changed,
    /// It did not.
    Same,
}

impl Policies {
    /// Takes in all policies.
    pub(super) fn list(&mut self, listed: Vec<Written>) -> InForce {
        let names: Vec<String> = listed
            .iter()
            .filter_map(|written| written.policy.metadata.name.clone())
            .collect();
        let before = self.entries.len();
        self.entries.retain(|name, _| names.contains(name));
        let mut changed = before != self.entries.len();
        for policy in listed {
            changed |= self.take_in(policy) == InForce::Changed;
        }
        self.put_in_force();
        if changed {
            InForce::Changed
        } else {
            InForce::Same
        }
    }

    /// Takes in one policy. A broken one leaves its last good form in force; one that cannot even be read has an
    /// empty spec here.
    pub(super) fn apply(&mut self, written: Written) -> InForce {
        let changed = self.take_in(written);
        self.put_in_force();
        changed
    }

    fn take_in(&mut self, written: Written) -> InForce {
        let name = written.policy.metadata.name.clone().unwrap_or_default();
        let old = self.entries.remove(&name);
        let same = old
            .as_ref()
            .is_some_and(|old| old.written.spec == written.policy.spec);
        let last_good = old.and_then(|old| old.in_force);
        let (in_force, mistakes) = match written.compile() {
            Ok(policy) => {
                let mistakes = policy.unknown_fields.clone();
                let last_good =
                    last_good.filter(|good| !mistakes.is_empty() && good.unknown_fields.is_empty());
                (last_good.or_else(|| Some(Arc::new(policy))), mistakes)
            }
            Err(mistakes) => (last_good, mistakes),
        };
        self.entries.insert(
            name,
            Entry {
                written: written.policy,
                in_force,
                mistakes,
            },
        );
        if same {
            InForce::Same
        } else {
            InForce::Changed
        }
    }

    /// Forgets one policy.
    pub(super) fn delete(&mut self, name: &str) -> InForce {
        if self.entries.remove(name).is_some() {
            self.put_in_force();
            InForce::Changed
        } else {
            InForce::Same
        }
    }

    /// What is in force.
    pub(super) fn in_force(&self) -> &Arc<PolicySet> {
        &self.in_force
    }

    fn put_in_force(&mut self) {
        let entries = self.entries.values();
        let in_force = entries.filter_map(|entry| entry.in_force.clone());
        self.in_force = Arc::new(in_force.collect());
    }

    /// What the rules in force read as it was written.
    pub(super) fn reads_whole(&self) -> Whole {
        let entries = self.entries.values();
        whole_for(entries.filter_map(|entry| entry.in_force.as_deref()))
    }

    /// Every policy by name.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.entries.iter()
    }
}
