//! Who may talk to whom: NetworkPolicy, and the kinds of Cilium, Calico and the network policy working group.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    lenient::null_is_default, metadata::Metadata, port::IntOrString, selector::LabelSelector,
};

/// A NetworkPolicy (networking.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods, and what is allowed to them.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: NetworkPolicySpec,
}

/// Which pods a policy is for, and what is allowed to them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicySpec {
    /// The pods; all of the namespace where it is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub pod_selector: LabelSelector,
    /// `Ingress` and `Egress`; where nothing is said, ingress always and egress if there are rules for it.
    #[serde(deserialize_with = "null_is_default")]
    pub policy_types: Vec<String>,
    /// Who may reach them.
    pub ingress: Option<Vec<IngressAllowed>>,
    /// Whom they may reach.
    pub egress: Option<Vec<EgressAllowed>>,
}

impl NetworkPolicySpec {
    /// Whether what comes in is restricted.
    pub fn isolates_ingress(&self) -> bool {
        self.policy_types.is_empty() || self.policy_types.iter().any(|kind| kind == "Ingress")
    }

    /// Whether what goes out is restricted.
    pub fn isolates_egress(&self) -> bool {
        if self.policy_types.is_empty() {
            self.egress.as_ref().is_some_and(|rules| !rules.is_empty())
        } else {
            self.policy_types.iter().any(|kind| kind == "Egress")
        }
    }
}

/// Who may reach the pods, on which ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressAllowed {
    /// From whom; anybody where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub from: Vec<Peer>,
    /// On which ports; all where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub ports: Vec<PolicyPort>,
}

/// Whom the pods may reach, on which ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EgressAllowed {
    /// To whom; anybody where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub to: Vec<Peer>,
    /// On which ports; all where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub ports: Vec<PolicyPort>,
}

/// The other side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Peer {
    /// Pods, of the policy's own namespace where no namespaces are named.
    pub pod_selector: Option<LabelSelector>,
    /// Namespaces.
    pub namespace_selector: Option<LabelSelector>,
    /// Addresses.
    pub ip_block: Option<IpBlock>,
}

/// A range of addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IpBlock {
    /// The range.
    pub cidr: String,
    /// What is left out of it.
    #[serde(deserialize_with = "null_is_default")]
    pub except: Vec<String>,
}

/// A port, or a range of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPort {
    /// TCP where nothing is said.
    pub protocol: Option<String>,
    /// Number or name; all where nothing is said.
    pub port: Option<IntOrString>,
    /// The end of a range that begins at `port`.
    pub end_port: Option<i64>,
}

impl PolicyPort {
    /// Whether a number is among those meant.
    pub fn includes(&self, number: i64, protocol: &str) -> bool {
        let same = self.protocol.as_deref().unwrap_or("TCP") == protocol;
        let within = match &self.port {
            None => true,
            Some(IntOrString::Int(first)) => {
                (*first..=self.end_port.unwrap_or(*first)).contains(&number)
            }
            // Names of DNS servers' ports, as CoreDNS has them.
            Some(IntOrString::Text(name)) => number == 53 && name.starts_with("dns"),
        };
        same && within
    }
}

/// A CiliumNetworkPolicy (cilium.io/v2). In Cilium a direction is restricted once a rule for it is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CiliumNetworkPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods, and what is allowed to them.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: CiliumSpec,
    /// The same, several times.
    #[serde(deserialize_with = "null_is_default")]
    pub specs: Vec<CiliumSpec>,
}

/// A CiliumClusterwideNetworkPolicy (cilium.io/v2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CiliumClusterwideNetworkPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods, and what is allowed to them.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: CiliumSpec,
    /// The same, several times.
    #[serde(deserialize_with = "null_is_default")]
    pub specs: Vec<CiliumSpec>,
}

/// Which endpoints a Cilium policy is for. Its selector's label keys may have a source before them, as in
/// `k8s:app`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CiliumSpec {
    /// The pods; absent where the policy is for nodes.
    pub endpoint_selector: Option<LabelSelector>,
    /// Rules for what comes in; their content is not read.
    #[serde(deserialize_with = "null_is_default")]
    pub ingress: Vec<Value>,
    /// Rules that deny what comes in.
    #[serde(deserialize_with = "null_is_default")]
    pub ingress_deny: Vec<Value>,
    /// Rules for what goes out; their content is not read.
    #[serde(deserialize_with = "null_is_default")]
    pub egress: Vec<Value>,
    /// Rules that deny what goes out.
    #[serde(deserialize_with = "null_is_default")]
    pub egress_deny: Vec<Value>,
}

/// Calico's NetworkPolicy (crd.projectcalico.org/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalicoNetworkPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods, and what is allowed to them.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: CalicoSpec,
}

/// Calico's GlobalNetworkPolicy (crd.projectcalico.org/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalicoGlobalNetworkPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods, and what is allowed to them.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: CalicoSpec,
}

/// Which endpoints a Calico policy is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalicoSpec {
    /// An expression in Calico's own language; all where it is empty.
    pub selector: Option<String>,
    /// `Ingress` and `Egress`; where nothing is said, the directions that have rules, else ingress.
    #[serde(deserialize_with = "null_is_default")]
    pub types: Vec<String>,
    /// Rules for what goes out; their content is not read.
    #[serde(deserialize_with = "null_is_default")]
    pub egress: Vec<Value>,
}

/// An AdminNetworkPolicy (policy.networking.k8s.io/v1alpha1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdminNetworkPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods, and what is done.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: AdminSpec,
}

/// Which pods an AdminNetworkPolicy is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdminSpec {
    /// The pods.
    #[serde(deserialize_with = "null_is_default")]
    pub subject: AdminSubject,
    /// Rules for what comes in; their content is not read.
    #[serde(deserialize_with = "null_is_default")]
    pub ingress: Vec<Value>,
    /// Rules for what goes out; their content is not read.
    #[serde(deserialize_with = "null_is_default")]
    pub egress: Vec<Value>,
}

/// The pods of an AdminNetworkPolicy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdminSubject {
    /// All pods of these namespaces.
    pub namespaces: Option<LabelSelector>,
    /// Some pods of some namespaces.
    pub pods: Option<AdminPods>,
}

/// Some pods of some namespaces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminPods {
    /// The namespaces.
    #[serde(deserialize_with = "null_is_default")]
    pub namespace_selector: LabelSelector,
    /// The pods.
    #[serde(deserialize_with = "null_is_default")]
    pub pod_selector: LabelSelector,
}
