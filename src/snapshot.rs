//! What the gate answers from: everything known, as of the last event, shared without a lock.

use std::sync::Arc;

use arc_swap::ArcSwap;
use prodready_engine::{
    object::Workload,
    policy::{Candidate, Policy, PolicySet},
    surroundings::Cluster,
};

/// Everything known at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Workloads and what stands around them.
    pub cluster: Cluster,
    /// The policies in force.
    pub policies: Arc<PolicySet>,
    /// Whether the first lists of every watch are in.
    pub synced: bool,
}

/// The newest snapshot; readers never wait.
pub type Shared = Arc<ArcSwap<Snapshot>>;

impl Snapshot {
    /// The policy that governs a workload of a namespace.
    pub fn governing(&self, workload: &Workload, namespace: &str) -> Option<&Policy> {
        let labels = self.cluster.around(namespace).namespace_labels();
        let candidate = Candidate {
            kind: workload.kind,
            labels: &workload.metadata.labels,
            namespace,
        };
        self.policies.governing(candidate, &labels)
    }

    /// The policy that governs a namespace itself.
    pub fn governing_namespace(&self, namespace: &str) -> Option<&Policy> {
        let labels = self.cluster.around(namespace).namespace_labels();
        self.policies.governing_namespace(namespace, &labels)
    }
}
