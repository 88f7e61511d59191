//! Which exceptions have a status that says something else than what they do now.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use jiff::Timestamp;
use prodready_engine::{
    api::exception::ReadinessExceptionStatus,
    exception::{self, Effect},
    object::exception::ReadinessException,
    surroundings::Cluster,
};

use super::{
    index::{Dirty, Key},
    rescore::Standings,
};

/// The statuses that differ from those stored, by namespace and name.
pub(super) type Statuses = BTreeMap<Key, ReadinessExceptionStatus>;

/// The namespaces in which the status of an exception may be out of date.
#[derive(Debug, Default)]
pub(super) struct Touched(BTreeSet<String>);

impl Touched {
    /// Adds the namespaces that were judged again.
    pub(super) fn add(&mut self, dirty: &Dirty, cluster: &Cluster) {
        if dirty.all {
            self.add_all(cluster);
        }
        self.0.extend(dirty.namespaces.iter().cloned());
        let of_workloads = dirty.workloads.iter();
        self.0
            .extend(of_workloads.map(|(namespace, _, _)| namespace.clone()));
    }

    /// Adds every namespace.
    pub(super) fn add_all(&mut self, cluster: &Cluster) {
        self.0
            .extend(cluster.namespaces().map(|(name, _)| name.to_owned()));
    }

    /// Forgets all of them: somebody else writes.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The statuses that must be written, about as many as `most`; namespaces beyond that are kept for the next time.
    pub(super) fn take(
        &mut self,
        most: usize,
        cluster: &Cluster,
        standings: &Standings,
        now: Timestamp,
    ) -> Statuses {
        let mut statuses = Statuses::new();
        for namespace in mem::take(&mut self.0) {
            if statuses.len() < most {
                statuses.extend(changed(cluster, standings, &namespace, now));
            } else {
                self.0.insert(namespace);
            }
        }
        statuses
    }

    /// Keeps a namespace for the next time.
    pub(super) fn again(&mut self, namespace: String) {
        self.0.insert(namespace);
    }
}

fn changed(
    cluster: &Cluster,
    standings: &Standings,
    namespace: &str,
    now: Timestamp,
) -> Vec<(Key, ReadinessExceptionStatus)> {
    let around = cluster.around(namespace);
    let mut exceptions = around.each::<ReadinessException>().peekable();
    if exceptions.peek().is_none() {
        return Vec::new();
    }
    let effects = effects(standings, namespace);
    exceptions
        .filter_map(|found| {
            let name = found.metadata.name.as_str();
            let own = effects.get(name).map_or(&[][..], Vec::as_slice);
            let wanted = exception::status(found, own, now);
            let key = (namespace.to_owned(), name.to_owned());
            (found.status.as_deref() != Some(&wanted)).then_some((key, wanted))
        })
        .collect()
}

/// What each exception of a namespace does, for each subject by kind and name.
fn effects<'a>(
    standings: &'a Standings,
    namespace: &str,
) -> BTreeMap<&'a str, Vec<(String, Effect)>> {
    let mut by_exception: BTreeMap<&str, Vec<(String, Effect)>> = BTreeMap::new();
    for standing in standings.of_namespace(namespace) {
        for effect in &standing.effects {
            let told = (standing.subject.display_name(namespace), effect.clone());
            by_exception
                .entry(&effect.exception)
                .or_default()
                .push(told);
        }
    }
    by_exception
}
