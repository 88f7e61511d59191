//! What a policy selects.

use super::Selection;
use crate::{api::vocabulary::WorkloadKind, object::metadata::Labels, surroundings::Seen};

/// What a selection looks at.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The workload's kind.
    pub kind: WorkloadKind,
    /// The workload's own labels.
    pub labels: &'a Labels,
    /// The workload's namespace.
    pub namespace: &'a str,
}

impl Selection {
    /// Whether a workload is selected. Where the namespace's labels are not known, a selection by
    /// them selects nothing: nobody is judged by a policy that may not be meant for them.
    pub fn selects(&self, candidate: Candidate<'_>, namespace_labels: &Seen<&Labels>) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&candidate.kind))
            && !self
                .excluded_namespaces
                .iter()
                .any(|excluded| excluded == candidate.namespace)
            && self.selects_namespace(namespace_labels)
            && self
                .workloads
                .as_ref()
                .is_none_or(|selector| selector.matches(candidate.labels))
    }

    /// Whether a namespace as a whole is selected: a policy for some workloads has nothing to say about it.
    pub fn selects_whole_namespace(&self, namespace: &str, labels: &Seen<&Labels>) -> bool {
        let excluded = &self.excluded_namespaces;
        self.kinds.is_empty()
            && self.workloads.is_none()
            && !excluded.iter().any(|excluded| excluded == namespace)
            && self.selects_namespace(labels)
    }

    /// Whether workloads of a namespace may be selected, as far as that depends on the namespace.
    pub fn reaches(&self, namespace: &str, labels: &Seen<&Labels>) -> bool {
        let excluded = &self.excluded_namespaces;
        !excluded.iter().any(|excluded| excluded == namespace) && self.selects_namespace(labels)
    }

    fn selects_namespace(&self, labels: &Seen<&Labels>) -> bool {
        match (&self.namespaces, labels) {
            (None, _) => true,
            (Some(selector), _) if selector.is_empty() => true,
            (Some(selector), Seen::Known(labels)) => selector.matches(labels),
            (Some(_), Seen::NotSeen(_)) => false,
        }
    }
}
