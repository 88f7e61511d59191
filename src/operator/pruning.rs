//! What of a baseline is paid, so that it is taken out and must not come back.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::{Duration, Instant},
};

use prodready_engine::{
    exception::{self, Effects},
    object::exception::ReadinessException,
    surroundings::Cluster,
};

use super::{index::Key, rescore::Standings};

/// For so long something must have been well. Who uninstalls a release deletes Services before their workloads; what seems to
/// be mended in between is not.
const SETTLED: Duration = Duration::from_secs(10);

/// Where something of a baseline may be paid, and since when what seems so.
#[derive(Debug, Default)]
pub(super) struct Pruning {
    namespaces: BTreeSet<String>,
    since: BTreeMap<Key, BTreeMap<String, Instant>>,
}

/// An exception that names more than is still wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Prune {
    /// Its namespace and name.
    pub(super) key: Key,
    /// It, and no other of this name.
    pub(super) uid: Option<String>,
    /// Its spec as it was looked at.
    pub(super) generation: Option<i64>,
    /// The checks that are paid.
    pub(super) paid: Vec<String>,
    /// The checks that still fail; none where it is to be deleted.
    pub(super) left: Vec<String>,
}

impl Pruning {
    /// Adds namespaces in which something was judged again.
    pub(super) fn add<'a>(&mut self, namespaces: impl Iterator<Item = &'a String>) {
        self.namespaces.extend(namespaces.cloned());
    }

    /// Forgets all: somebody else writes.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What is to be written at a moment. It is told again until it is no longer so.
    pub(super) fn due(
        &mut self,
        cluster: &Cluster,
        standings: &Standings,
        now: Instant,
    ) -> Vec<Prune> {
        let mut due = Vec::new();
        for namespace in mem::take(&mut self.namespaces) {
            due.extend(self.due_in(&namespace, cluster, standings, now));
            let waits = self.since.keys().any(|(of, _)| *of == namespace);
            if waits {
                self.namespaces.insert(namespace);
            }
        }
        due
    }

    fn due_in(
        &mut self,
        namespace: &str,
        cluster: &Cluster,
        standings: &Standings,
        now: Instant,
    ) -> Vec<Prune> {
        let around = cluster.around(namespace);
        let baselines: Vec<&ReadinessException> = around
            .each::<ReadinessException>()
            .filter(|exception| exception.is_baseline())
            .collect();
        let effects = if baselines.is_empty() {
            BTreeMap::new()
        } else {
            exception::by_exception(standings.effects(namespace))
        };
        let mut since = BTreeMap::new();
        let mut due = Vec::new();
        for baseline in baselines {
            let name = baseline.metadata.name.as_str();
            let key = (namespace.to_owned(), name.to_owned());
            let before = self.since.get(&key);
            let paid: BTreeMap<String, Instant> = effects
                .get(&(namespace, name))
                .map(|effects| paid(baseline, effects))
                .unwrap_or_default()
                .into_iter()
                .map(|id| {
                    let first = before.and_then(|before| before.get(id));
                    (id.to_owned(), first.copied().unwrap_or(now))
                })
                .collect();
            due.extend(prune(&key, baseline, &paid, now));
            if !paid.is_empty() {
                since.insert(key, paid);
            }
        }
        self.since.retain(|(of, _), _| of != namespace);
        self.since.append(&mut since);
        due
    }
}

/// The checks that fail for none of those whom a baseline names. Nothing where one of them is not there: it may be made
/// again. One that selects by labels may be for somebody who is not there.
fn paid<'a>(baseline: &'a ReadinessException, effects: &Effects<'_>) -> BTreeSet<&'a str> {
    let is_there = |kind: &str, name: &str| {
        let wanted = format!("{kind}/{name}");
        effects.iter().any(|(subject, _)| *subject == wanted)
    };
    let spec = &baseline.spec;
    let mut named = spec.workloads.iter();
    let all_there = named.all(|workload| is_there(workload.kind.as_str(), &workload.name));
    if spec.selector.is_some() || spec.workloads.is_empty() || !all_there {
        return BTreeSet::new();
    }
    let is_paid = |id: &String| effects.iter().all(|(_, effect)| effect.paid.contains(id));
    let paid = spec.checks.iter().filter(|id| is_paid(id));
    paid.map(String::as_str).collect()
}

fn prune(
    key: &Key,
    baseline: &ReadinessException,
    paid: &BTreeMap<String, Instant>,
    now: Instant,
) -> Option<Prune> {
    let is_settled = |id: &String| {
        let since = paid.get(id);
        since.is_some_and(|since| now.saturating_duration_since(*since) >= SETTLED)
    };
    let checks = baseline.spec.checks.iter().cloned();
    let (paid, left): (Vec<String>, Vec<String>) = checks.partition(is_settled);
    (!paid.is_empty()).then(|| Prune {
        key: key.clone(),
        uid: baseline.metadata.uid.clone(),
        generation: baseline.metadata.generation,
        paid,
        left,
    })
}

#[cfg(test)]
mod tests;
