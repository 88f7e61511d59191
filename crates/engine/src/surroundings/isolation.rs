//! Which policies restrict the traffic of a workload's pods.

use super::{Seen, Surroundings};
use crate::object::{
    Kind, Workload,
    metadata::Labels,
    network_policy::{
        AdminNetworkPolicy, CalicoGlobalNetworkPolicy, CalicoNetworkPolicy, CalicoSpec,
        CiliumClusterwideNetworkPolicy, CiliumNetworkPolicy, CiliumSpec, NetworkPolicy,
    },
    selector::{LabelSelector, Requirement},
};

/// Which way traffic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the pods.
    Ingress,
    /// From the pods.
    Egress,
}

/// Whether the traffic of a workload's pods is restricted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Isolation {
    /// Of what comes in.
    pub ingress: bool,
    /// Of what goes out.
    pub egress: bool,
}

impl<'a> Surroundings<'a> {
    /// The NetworkPolicies that select a workload's pods.
    pub fn network_policies(&self, workload: &Workload) -> Seen<Vec<&'a NetworkPolicy>> {
        let labels = workload.pod_labels();
        let found = self
            .each::<NetworkPolicy>()
            .filter(|policy| policy.spec.pod_selector.matches(labels))
            .collect();
        self.found(Kind::NetworkPolicy, found)
    }

    /// Whether policies of any kind restrict the traffic of a workload's pods.
    pub fn isolation(&self, workload: &Workload) -> Seen<Isolation> {
        let labels = workload.pod_labels();
        let mut isolation = Isolation::default();
        for policy in self.each::<NetworkPolicy>() {
            if policy.spec.pod_selector.matches(labels) {
                isolation.ingress |= policy.spec.isolates_ingress();
                isolation.egress |= policy.spec.isolates_egress();
            }
        }
        let own = self.each::<CiliumNetworkPolicy>();
        let own = own.flat_map(|policy| policy.specs.iter().chain([&policy.spec]));
        let wide = self.everywhere::<CiliumClusterwideNetworkPolicy>();
        let wide = wide.flat_map(|policy| policy.specs.iter().chain([&policy.spec]));
        own.chain(wide)
            .for_each(|spec| isolation.add_cilium(spec, labels));
        let own = self
            .each::<CalicoNetworkPolicy>()
            .map(|policy| &policy.spec);
        let wide = self
            .everywhere::<CalicoGlobalNetworkPolicy>()
            .map(|policy| &policy.spec);
        own.chain(wide).for_each(|spec| isolation.add_calico(spec));
        for policy in self.everywhere::<AdminNetworkPolicy>() {
            if self.admin_policy_selects(policy, labels) {
                isolation.ingress |= !policy.spec.ingress.is_empty();
                isolation.egress |= !policy.spec.egress.is_empty();
            }
        }
        if isolation == Isolation::default() {
            return self.absent(Kind::NetworkPolicy).map(|()| isolation);
        }
        Seen::Known(isolation)
    }

    fn admin_policy_selects(&self, policy: &AdminNetworkPolicy, labels: &Labels) -> bool {
        let Some(of_namespace) = self.namespace_labels().known() else {
            return false;
        };
        let subject = &policy.spec.subject;
        let by_namespace = subject.namespaces.as_ref();
        by_namespace.is_some_and(|selector| selector.matches(of_namespace))
            || subject.pods.as_ref().is_some_and(|pods| {
                pods.namespace_selector.matches(of_namespace) && pods.pod_selector.matches(labels)
            })
    }
}

impl Isolation {
    fn add_cilium(&mut self, spec: &CiliumSpec, labels: &Labels) {
        let selects = spec
            .endpoint_selector
            .as_ref()
            .is_some_and(|selector| without_sources(selector).matches(labels));
        if selects {
            self.ingress |= !spec.ingress.is_empty() || !spec.ingress_deny.is_empty();
            self.egress |= !spec.egress.is_empty() || !spec.egress_deny.is_empty();
        }
    }

    /// Calico's selectors are a language of their own, which is not read: a policy counts for every pod that it
    /// may be for, so that nobody is told to add what is there.
    fn add_calico(&mut self, spec: &CalicoSpec) {
        let types = |wanted: &str| spec.types.iter().any(|kind| kind == wanted);
        self.egress |= types("Egress") || spec.types.is_empty() && !spec.egress.is_empty();
        self.ingress |= types("Ingress") || spec.types.is_empty();
    }
}

/// Cilium writes where a label comes from before its key: `k8s:app`, `any:app`.
fn without_sources(selector: &LabelSelector) -> LabelSelector {
    let plain = |key: &str| match key.split_once(':') {
        Some(("k8s" | "any", rest)) => rest.to_owned(),
        _ => key.to_owned(),
    };
    // What Cilium itself knows of a pod, such as its namespace, is no label of it.
    let is_own = |key: &str| !plain(key).starts_with("io.kubernetes.pod.");
    LabelSelector {
        match_labels: selector
            .match_labels
            .iter()
            .filter(|(key, _)| is_own(key))
            .map(|(key, value)| (plain(key), value.clone()))
            .collect(),
        match_expressions: selector
            .match_expressions
            .iter()
            .filter(|requirement| is_own(&requirement.key))
            .map(|requirement| Requirement {
                key: plain(&requirement.key),
                ..requirement.clone()
            })
            .collect(),
    }
}
