//! Everything known, kept current by changes; what has to be judged again follows from each change.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use prodready_engine::{
    api::vocabulary::WorkloadKind,
    object::{
        Kind, Resource, Workload,
        resource::{Known, Scope},
    },
    surroundings::{Cluster, Completeness},
};

use super::{
    alarms::Alarms,
    policies::{InForce, Policies},
    stored::Stored,
    watches::{self, Change},
};
use crate::snapshot::Snapshot;

/// A namespace and a name in it.
pub(super) type Key = (String, String);

/// Everything known.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) cluster: Cluster,
    pub(super) policies: Policies,
    /// The reports that are stored.
    pub(super) stored: Stored,
    /// When to judge again without a change.
    pub(super) alarms: Alarms,
    pending: Pending,
}

/// The first lists that are not in yet.
#[derive(Debug)]
struct Pending {
    kinds: BTreeSet<String>,
    /// Kinds that were listed before it was known that rules ask about their objects as they were written.
    originals: BTreeSet<Known>,
    policies: bool,
    reports: bool,
}

/// What has to be judged again.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dirty {
    /// Everything.
    pub(super) all: bool,
    /// These namespaces.
    pub(super) namespaces: BTreeSet<String>,
    /// These workloads, by namespace, kind and name.
    pub(super) workloads: BTreeSet<(String, WorkloadKind, Box<str>)>,
    /// Namespaces in which a workload came, went or changed, so that its neighbours may be judged differently. This
    /// may wait a little: many come together.
    pub(super) neighbours: BTreeSet<String>,
    /// Nothing has to, but every report is compared with the one that is stored.
    pub(super) reports: bool,
    /// Policies whose status may be out of date.
    pub(super) policies: bool,
}

impl Index {
    /// Nothing yet. Optional kinds are absent until their definition is seen, which says that there are
    /// no objects of them. Of Secrets nothing is known unless their names are listed.
    pub(super) fn new(lists_secrets: bool) -> Self {
        let kinds = watches::always(lists_secrets)
            .into_iter()
            .map(|known| format!("{known:?}"))
            .collect();
        Self {
            cluster: Cluster::new(completeness(lists_secrets)),
            policies: Policies::default(),
            stored: Stored::default(),
            alarms: Alarms::default(),
            pending: Pending {
                kinds,
                originals: BTreeSet::new(),
                policies: true,
                reports: true,
            },
        }
    }

    /// Whether the first list of every kind that is always there is in.
    pub(super) fn is_synced(&self) -> bool {
        let pending = &self.pending;
        pending.kinds.is_empty() && pending.originals.is_empty() && !pending.policies
    }

    /// Whether it is also known which reports are stored.
    pub(super) fn knows_reports(&self) -> bool {
        !self.pending.reports
    }

    /// What the gate answers from.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            cluster: self.cluster.clone(),
            policies: Arc::clone(self.policies.in_force()),
            synced: self.is_synced(),
        }
    }

    /// Takes a change in.
    pub(super) fn apply(&mut self, change: Change, dirty: &mut Dirty) {
        match change {
            Change::Listed(known, resources) => self.list(known, resources, dirty),
            Change::Applied(resource) => {
                // Most events are about a status, of which judging knows nothing.
                if !self.cluster.holds(&resource) {
                    if !self.differs_in_status_alone(&resource) {
                        dirty.neighbours(&resource);
                    }
                    dirty.touch(&resource);
                    self.insert(*resource);
                }
            }
            Change::Deleted(known, namespace, name) => {
                dirty.touch_named(known, &namespace, &name);
                // A Pod that a workload made and that fares well was never in.
                if let Known::Workload(kind) = known
                    && self.cluster.workload(kind, &namespace, &name).is_some()
                {
                    dirty.neighbours.insert(namespace.clone());
                }
                self.cluster.remove(known, &namespace, &name);
            }
            Change::PoliciesListed(policies) => {
                let in_force = self.policies.list(policies);
                if std::mem::take(&mut self.pending.policies) {
                    self.await_originals();
                }
                dirty.policies(in_force);
            }
            Change::PolicyApplied(policy) => {
                let in_force = self.policies.apply(*policy);
                self.await_fewer_originals();
                dirty.policies(in_force);
            }
            Change::PolicyDeleted(name) => {
                let in_force = self.policies.delete(&name);
                self.await_fewer_originals();
                dirty.policies(in_force);
            }
            Change::ReportsListed(reports) => {
                self.pending.reports = false;
                self.stored.list(reports);
                dirty.reports = true;
            }
            Change::ReportApplied(report) => {
                let namespace = report.key.0.clone();
                if self.stored.apply(report) {
                    dirty.namespaces.insert(namespace);
                }
            }
            Change::ReportDeleted(namespace, name) => {
                self.stored.remove(&(namespace.clone(), name));
                dirty.namespaces.insert(namespace);
            }
        }
    }

    /// Whether a workload is as it was but for how it fares, of which its neighbours know nothing.
    fn differs_in_status_alone(&self, resource: &Resource) -> bool {
        let Resource::Workload(workload) = resource else {
            return false;
        };
        let namespace = &workload.metadata.namespace;
        let known = self
            .cluster
            .workload(workload.kind, namespace, workload.name());
        let same =
            |known: &Workload| known.spec == workload.spec && known.metadata == workload.metadata;
        // How a Pod fares is told of the workload that made it.
        !workload.is_made_pod() && known.is_some_and(|known| same(known))
    }

    /// Before anything is judged for the first time, what rules ask about is there as it was written: else every
    /// report would be written twice at each start.
    fn await_originals(&mut self) {
        let whole = self.policies.reads_whole();
        let mut lacking = watches::always(false);
        lacking.retain(|known| whole.includes(*known) && self.lacks_original(*known));
        self.pending.originals.extend(lacking);
    }

    /// Rules that went wait for nothing any more.
    fn await_fewer_originals(&mut self) {
        if !self.pending.originals.is_empty() {
            let whole = self.policies.reads_whole();
            self.pending
                .originals
                .retain(|known| whole.includes(*known));
        }
    }

    /// A list that came before it was known that rules ask about its objects is followed by another one.
    fn note_originals(&mut self, known: Known) {
        let is_whole = self.policies.reads_whole().includes(known);
        if is_whole && self.lacks_original(known) {
            self.pending.originals.insert(known);
        } else {
            self.pending.originals.remove(&known);
        }
    }

    fn lacks_original(&self, known: Known) -> bool {
        let mut metadata = self.cluster.metadata_of(known);
        metadata.any(|metadata| metadata.original.is_none())
    }

    fn list(&mut self, known: Known, resources: Vec<Resource>, dirty: &mut Dirty) {
        let was_synced = self.is_synced();
        self.pending.kinds.remove(&format!("{known:?}"));
        self.cluster.remove_all(known);
        for resource in resources {
            self.insert(resource);
        }
        if !was_synced {
            self.note_originals(known);
        }
        dirty.all = true;
    }

    fn insert(&mut self, resource: Resource) {
        if let Resource::ReadinessException(exception) = &resource {
            self.alarms.set(exception, Timestamp::now());
        }
        self.cluster.insert(resource);
    }
}

fn completeness(lists_secrets: bool) -> Completeness {
    let complete = Completeness::complete();
    if lists_secrets {
        complete
    } else {
        let why =
            "the operator does not list names of Secrets (the chart's value secrets.listNames)";
        complete.without(Kind::Secret, why)
    }
}

impl Dirty {
    /// These namespaces.
    pub(super) fn of_namespaces(namespaces: BTreeSet<String>) -> Self {
        Self {
            namespaces,
            ..Self::default()
        }
    }

    /// Takes over what may wait a little, because it costs much and comes often: everything, and neighbours.
    pub(super) fn put_off(&mut self, dirty: &mut Self) {
        self.namespaces.append(&mut dirty.neighbours);
        self.all |= std::mem::take(&mut dirty.all);
    }

    fn neighbours(&mut self, resource: &Resource) {
        if let Resource::Workload(workload) = resource {
            let namespace = workload.metadata.namespace.clone();
            self.neighbours.insert(namespace);
        }
    }

    fn touch(&mut self, resource: &Resource) {
        let metadata = resource.metadata();
        let known = match resource {
            Resource::Workload(workload) => Known::Workload(workload.kind),
            other => match other.surrounding_kind() {
                Some(kind) => Known::Surrounding(kind),
                None => return,
            },
        };
        let name = match resource {
            Resource::Workload(workload) => workload.name(),
            _ => &metadata.name,
        };
        self.touch_named(known, &metadata.namespace, name);
    }

    fn touch_named(&mut self, known: Known, namespace: &str, name: &str) {
        match known {
            Known::Workload(kind) => {
                self.workloads
                    .insert((namespace.to_owned(), kind, name.into()));
            }
            Known::Surrounding(Kind::Namespace) => {
                self.namespaces.insert(name.to_owned());
            }
            Known::Surrounding(kind) => match kind.info().scope {
                Scope::Namespace => {
                    self.namespaces.insert(namespace.to_owned());
                }
                Scope::Across | Scope::Cluster => self.all = true,
            },
        }
    }

    fn policies(&mut self, in_force: InForce) {
        self.policies = true;
        self.all |= in_force == InForce::Changed;
    }
}
