//! Which exceptions have a status that says something else than what they do now.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
};

use jiff::Timestamp;
use k8s_openapi::api::events::v1::Event;
use prodready_engine::{
    api::exception::ReadinessExceptionStatus, exception, object::exception::ReadinessException,
    surroundings::Cluster,
};

use super::{
    announce,
    index::{Dirty, Key},
    rescore::Standings,
};
use crate::telemetry::metrics::{ExceptionMetrics, Tally};

/// The statuses that differ from those stored, by namespace and name.
pub(super) type Statuses = BTreeMap<Key, Due>;

/// A status that is to be written.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) status: ReadinessExceptionStatus,
    /// What is told with it.
    pub(super) event: Option<Event>,
}

/// The namespaces in which the status of an exception may be out of date, and what was said of all of them.
#[derive(Debug)]
pub(super) struct Touched {
    namespaces: BTreeSet<String>,
    metrics: Arc<ExceptionMetrics>,
    said: BTreeMap<String, Tally>,
}

impl Touched {
    /// None yet.
    pub(super) fn new(metrics: Arc<ExceptionMetrics>) -> Self {
        Self {
            namespaces: BTreeSet::new(),
            metrics,
            said: BTreeMap::new(),
        }
    }

    /// Adds the namespaces that were judged again.
    pub(super) fn add(&mut self, dirty: &Dirty, cluster: &Cluster) {
        if dirty.all {
            self.add_all(cluster);
        }
        self.namespaces.extend(dirty.namespaces.iter().cloned());
        let of_workloads = dirty.workloads.iter();
        self.namespaces
            .extend(of_workloads.map(|(namespace, _, _)| namespace.clone()));
    }

    /// Adds every namespace.
    pub(super) fn add_all(&mut self, cluster: &Cluster) {
        self.namespaces
            .extend(cluster.namespaces().map(|(name, _)| name.to_owned()));
    }

    /// Forgets all of them: somebody else writes.
    pub(super) fn clear(&mut self) {
        self.namespaces.clear();
        self.said.clear();
        self.metrics.clear();
    }

    /// The namespaces, to look at something else in them.
    pub(super) fn namespaces(&self) -> impl Iterator<Item = &String> {
        self.namespaces.iter()
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
        for namespace in mem::take(&mut self.namespaces) {
            if statuses.len() < most {
                let (changed, tally) = look(cluster, standings, &namespace, now);
                statuses.extend(changed);
                self.say(namespace, tally);
            } else {
                self.namespaces.insert(namespace);
            }
        }
        statuses
    }

    /// Keeps a namespace for the next time.
    pub(super) fn again(&mut self, namespace: String) {
        self.namespaces.insert(namespace);
    }

    fn say(&mut self, namespace: String, tally: Tally) {
        let before = self.said.remove(&namespace).unwrap_or_default();
        if before != tally {
            self.metrics.tell(&namespace, &before, &tally);
        }
        if tally != Tally::default() {
            self.said.insert(namespace, tally);
        }
    }
}

/// The statuses of a namespace's exceptions that are to be written, and what the exceptions come to.
fn look(
    cluster: &Cluster,
    standings: &Standings,
    namespace: &str,
    now: Timestamp,
) -> (Vec<(Key, Due)>, Tally) {
    let around = cluster.around(namespace);
    let mut exceptions = around.each::<ReadinessException>().peekable();
    let mut tally = Tally::default();
    if exceptions.peek().is_none() {
        return (Vec::new(), tally);
    }
    let effects = exception::by_exception(standings.effects(namespace));
    let mut changed = Vec::new();
    for found in exceptions {
        let name = found.metadata.name.as_str();
        let own = effects.get(&(namespace, name));
        let own = own.map_or(&[][..], Vec::as_slice);
        let status = exception::status(found, own, now);
        count(&mut tally, found, &status, now);
        if found.status.as_deref() != Some(&status) {
            let event = announce::due(found, &status, now);
            let key = (namespace.to_owned(), name.to_owned());
            changed.push((key, Due { status, event }));
        }
    }
    tally.forgiven = forgiven(standings, namespace);
    (changed, tally)
}

fn count(
    tally: &mut Tally,
    exception: &ReadinessException,
    status: &ReadinessExceptionStatus,
    now: Timestamp,
) {
    let expired = exception::has_expired(exception, now);
    if status.in_force {
        tally.in_force += 1;
        tally.ending_soon += usize::from(exception::ends_soon(exception, now));
    } else if expired {
        tally.expired += 1;
    } else {
        tally.not_in_force += 1;
    }
    tally.fitting_nothing += usize::from(!expired && status.findings == 0);
}

/// What exceptions forgive in a namespace, by the policy whose scores it is about, in hundredths of a point.
fn forgiven(standings: &Standings, namespace: &str) -> BTreeMap<String, u32> {
    let mut forgiven = BTreeMap::new();
    for standing in standings.of_namespace(namespace) {
        let points: u32 = standing.effects.iter().map(|effect| effect.points).sum();
        if points > 0 {
            *forgiven.entry(standing.policy.to_string()).or_default() += points;
        }
    }
    forgiven
}
