//! Everything known, kept current by changes; what has to be judged again follows from each change.

use std::collections::BTreeSet;

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
    /// Policies whose status may be out of date.
    pub(super) policies: bool,
}

impl Index {
    /// Nothing yet. Optional kinds are absent until their definition is seen, which says that there are
    /// no objects of them.
    pub(super) fn new() -> Self {
        let kinds = watches::always()
            .into_iter()
            .map(|known| format!("{known:?}"))
            .collect();
        Self {
            cluster: Cluster::new(Completeness::complete()),
            policies: Policies::default(),
            stored: Stored::default(),
            alarms: Alarms::default(),
            pending: Pending {
                kinds,
                policies: true,
                reports: true,
            },
        }
    }

    /// Whether the first list of every kind that is always there is in.
    pub(super) fn is_synced(&self) -> bool {
        self.pending.kinds.is_empty() && !self.pending.policies
    }

    /// Whether it is also known which reports are stored.
    pub(super) fn knows_reports(&self) -> bool {
        !self.pending.reports
    }

    /// What the gate answers from.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            cluster: self.cluster.clone(),
            policies: self.policies.in_force(),
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
                self.pending.policies = false;
                let in_force = self.policies.list(policies);
                dirty.policies(in_force);
            }
            Change::PolicyApplied(policy) => {
                let in_force = self.policies.apply(*policy);
                dirty.policies(in_force);
            }
            Change::PolicyDeleted(name) => {
                let in_force = self.policies.delete(&name);
                dirty.policies(in_force);
            }
            Change::ReportsListed(reports) => {
                self.pending.reports = false;
                self.stored.list(&reports);
                dirty.all = true;
            }
            Change::ReportApplied(report) => {
                if self.stored.apply(&report) {
                    dirty.namespaces.extend(report.metadata.namespace.clone());
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

    fn list(&mut self, known: Known, resources: Vec<Resource>, dirty: &mut Dirty) {
        self.pending.kinds.remove(&format!("{known:?}"));
        self.cluster.remove_all(known);
        for resource in resources {
            self.insert(resource);
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

impl Dirty {
    /// These namespaces.
    pub(super) fn of_namespaces(namespaces: BTreeSet<String>) -> Self {
        Self {
            namespaces,
            ..Self::default()
        }
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
