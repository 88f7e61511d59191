//! What the API server is told to send us: the ValidatingWebhookConfiguration, and, where policies have something
//! filled in, the MutatingWebhookConfiguration.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::{
    ByteString,
    api::admissionregistration::v1::{
        MatchCondition, MutatingWebhook, MutatingWebhookConfiguration, RuleWithOperations,
        ServiceReference, ValidatingWebhook, ValidatingWebhookConfiguration, WebhookClientConfig,
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, OwnerReference},
};
use kube::api::ObjectMeta;
use prodready_engine::{
    api::vocabulary::{Mode, WorkloadKind},
    policy::Policy,
};
use serde::Serialize;

use super::{
    conditions::{self, Breakglass},
    configuration::INTENT,
    entry::Entry,
    probe, reach,
};

/// On the configuration: cert-manager writes the authority of this Certificate into it.
const INJECT_CA_FROM: &str = "cert-manager.io/inject-ca-from";

/// What the configuration is made from beside the policies.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The name of both configurations.
    pub name: String,
    /// The namespace of the Service.
    pub namespace: String,
    /// The Service in front of the gate.
    pub service: String,
    /// Seconds that the API server waits for an answer.
    pub timeout_seconds: i32,
    /// Accounts of the controllers that make objects for workloads.
    pub workload_controllers: Vec<String>,
    /// The cert-manager Certificate, as `namespace/name`, whose authority cert-manager writes; we then write none.
    pub inject_ca_from: Option<String>,
    /// What the configuration goes with.
    pub owner: Option<OwnerReference>,
}

impl Registration {
    /// The configuration that these policies want; with the probe's entry alone where nothing is enforced or
    /// warned on.
    pub fn wanted(
        &self,
        policies: &[impl AsRef<Policy>],
        protected: &BTreeSet<String>,
        ca_bundle: &str,
        now: Timestamp,
    ) -> ValidatingWebhookConfiguration {
        let entry = |entry: Entry| {
            let scope = match entry.mode() {
                None => self.probe_alone(),
                Some(mode) => self.of_policies(entry, mode, policies, protected, now)?,
            };
            Some(self.entry(entry, scope, ca_bundle))
        };
        let webhooks: Vec<ValidatingWebhook> =
            Entry::VALIDATING.into_iter().filter_map(entry).collect();
        ValidatingWebhookConfiguration {
            metadata: self.metadata(fingerprint(&webhooks)),
            webhooks: Some(webhooks),
        }
    }

    /// The configuration for what these policies have filled in; none where they have nothing filled in.
    pub fn wanted_for_defaults(
        &self,
        policies: &[impl AsRef<Policy>],
        protected: &BTreeSet<String>,
        ca_bundle: &str,
        now: Timestamp,
    ) -> Option<MutatingWebhookConfiguration> {
        let policies = policies.iter().map(AsRef::as_ref);
        let filling: Vec<&Policy> = policies
            .filter(|policy| !policy.defaults.is_empty())
            .filter(|policy| policy.enforcement.mode_at(now) != Mode::Audit)
            .collect();
        if filling.is_empty() {
            return None;
        }
        let scope = Scope {
            rules: rules_for_defaults(&kinds(&filling)),
            namespaces: reach::namespaces(&filling, protected),
            // Who is on call changes what they change, and no more.
            conditions: conditions::of_workloads(&self.workload_controllers, Breakglass::Without),
        };
        let webhooks = vec![mutating(self.entry(Entry::Defaults, scope, ca_bundle))];
        Some(MutatingWebhookConfiguration {
            metadata: self.metadata(fingerprint(&webhooks)),
            webhooks: Some(webhooks),
        })
    }

    fn metadata(&self, intent: String) -> ObjectMeta {
        let managed_by = ("app.kubernetes.io/managed-by", "prodready");
        let labels = [managed_by].map(|(key, value)| (key.to_owned(), value.to_owned()));
        ObjectMeta {
            name: Some(self.name.clone()),
            labels: Some(BTreeMap::from(labels)),
            annotations: Some(self.annotations(intent)),
            owner_references: self.owner.clone().map(|owner| vec![owner]),
            ..ObjectMeta::default()
        }
    }

    fn annotations(&self, intent: String) -> BTreeMap<String, String> {
        let injected = self.inject_ca_from.iter();
        let injected = injected.map(|from| (INJECT_CA_FROM.to_owned(), from.clone()));
        injected.chain([(INTENT.to_owned(), intent)]).collect()
    }

    fn entry(&self, entry: Entry, scope: Scope, ca_bundle: &str) -> ValidatingWebhook {
        ValidatingWebhook {
            name: entry.name().to_owned(),
            admission_review_versions: vec!["v1".to_owned()],
            side_effects: entry.side_effects().to_owned(),
            failure_policy: Some(entry.failure_policy().to_owned()),
            match_policy: Some("Equivalent".to_owned()),
            timeout_seconds: Some(entry.timeout_seconds(self.timeout_seconds)),
            client_config: WebhookClientConfig {
                ca_bundle: self
                    .inject_ca_from
                    .is_none()
                    .then(|| ByteString(ca_bundle.as_bytes().to_vec())),
                service: Some(ServiceReference {
                    namespace: self.namespace.clone(),
                    name: self.service.clone(),
                    path: Some(entry.path()),
                    port: Some(443),
                }),
                url: None,
            },
            rules: Some(scope.rules),
            namespace_selector: Some(scope.namespaces),
            // Said although it is the default, so that somebody else's change of it is known as one.
            object_selector: Some(LabelSelector::default()),
            match_conditions: Some(scope.conditions),
        }
    }

    /// What comes by an entry for policies, where there are any.
    fn of_policies(
        &self,
        entry: Entry,
        mode: Mode,
        policies: &[impl AsRef<Policy>],
        protected: &BTreeSet<String>,
        now: Timestamp,
    ) -> Option<Scope> {
        let of_mode: Vec<&Policy> = policies
            .iter()
            .map(AsRef::as_ref)
            .filter(|policy| policy.enforcement.mode_at(now) == mode)
            .collect();
        let breakglass = match entry {
            Entry::Breakglass => Breakglass::With,
            Entry::Enforce | Entry::Warn | Entry::Defaults | Entry::Probe => Breakglass::Without,
        };
        (!of_mode.is_empty()).then(|| Scope {
            rules: rules(&kinds(&of_mode)),
            namespaces: reach::namespaces(&of_mode, protected),
            conditions: conditions::of_workloads(&self.workload_controllers, breakglass),
        })
    }

    fn probe_alone(&self) -> Scope {
        let (group, version) = probe::GROUP_VERSION;
        Scope {
            rules: vec![RuleWithOperations {
                api_groups: Some(vec![group.to_owned()]),
                api_versions: Some(vec![version.to_owned()]),
                operations: Some(vec!["CREATE".to_owned()]),
                resources: Some(vec![probe::RESOURCE.to_owned()]),
                scope: Some("Namespaced".to_owned()),
            }],
            namespaces: reach::only(&self.namespace),
            conditions: conditions::of_the_probe(),
        }
    }
}

/// What comes by an entry.
struct Scope {
    rules: Vec<RuleWithOperations>,
    namespaces: LabelSelector,
    conditions: Vec<MatchCondition>,
}

/// Whether a configuration says what was meant by it when it was written last.
pub fn is_meant(metadata: &ObjectMeta, webhooks: &[impl Serialize]) -> bool {
    let intent = metadata.annotations.as_ref();
    let intent = intent.and_then(|annotations| annotations.get(INTENT));
    intent == Some(&fingerprint(webhooks))
}

/// FNV-1a: stable over releases and machines, which a hasher of the standard library is not.
fn fingerprint(webhooks: &[impl Serialize]) -> String {
    let bytes = serde_json::to_vec(webhooks).unwrap_or_default();
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The kinds that any of the policies selects.
fn kinds(policies: &[&Policy]) -> BTreeSet<WorkloadKind> {
    let of = |policy: &&Policy| -> Vec<WorkloadKind> {
        if policy.selection.kinds.is_empty() {
            WorkloadKind::ALL.to_vec()
        } else {
            policy.selection.kinds.clone()
        }
    };
    policies.iter().flat_map(of).collect()
}

fn rules(kinds: &BTreeSet<WorkloadKind>) -> Vec<RuleWithOperations> {
    let mut by_group: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for kind in kinds {
        let resources = by_group.entry(group(*kind)).or_default();
        resources.push(kind.plural().to_owned());
        if matches!(
            kind,
            WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::ReplicaSet
        ) {
            resources.push(format!("{}/scale", kind.plural()));
        }
    }
    let both = &["CREATE", "UPDATE"];
    let rules = by_group.into_iter();
    rules
        .map(|(group, resources)| rule(group, resources, both))
        .collect()
}

/// What can be filled in, and when: Pods and Jobs only as they are made.
fn rules_for_defaults(kinds: &BTreeSet<WorkloadKind>) -> Vec<RuleWithOperations> {
    let mut by_group: BTreeMap<(&str, &[&str]), Vec<String>> = BTreeMap::new();
    for kind in kinds {
        let operations: &[&str] = match kind {
            WorkloadKind::Pod | WorkloadKind::Job => &["CREATE"],
            WorkloadKind::Deployment
            | WorkloadKind::StatefulSet
            | WorkloadKind::DaemonSet
            | WorkloadKind::ReplicaSet
            | WorkloadKind::CronJob => &["CREATE", "UPDATE"],
        };
        let resources = by_group.entry((group(*kind), operations)).or_default();
        resources.push(kind.plural().to_owned());
    }
    let rules = by_group.into_iter();
    rules
        .map(|((group, operations), resources)| rule(group, resources, operations))
        .collect()
}

fn group(kind: WorkloadKind) -> &'static str {
    let group = kind.api_version().split_once('/');
    group.map_or("", |(group, _)| group)
}

fn rule(group: &str, resources: Vec<String>, operations: &[&str]) -> RuleWithOperations {
    let operations = operations.iter().map(|&operation| operation.to_owned());
    RuleWithOperations {
        api_groups: Some(vec![group.to_owned()]),
        api_versions: Some(vec!["v1".to_owned()]),
        operations: Some(operations.collect()),
        resources: Some(resources),
        scope: Some("Namespaced".to_owned()),
    }
}

/// The same entry in a MutatingWebhookConfiguration. It is asked again where another webhook changed the object after
/// it: what that one added may lack something too.
fn mutating(entry: ValidatingWebhook) -> MutatingWebhook {
    MutatingWebhook {
        admission_review_versions: entry.admission_review_versions,
        client_config: entry.client_config,
        failure_policy: entry.failure_policy,
        match_conditions: entry.match_conditions,
        match_policy: entry.match_policy,
        name: entry.name,
        namespace_selector: entry.namespace_selector,
        object_selector: entry.object_selector,
        reinvocation_policy: Some("IfNeeded".to_owned()),
        rules: entry.rules,
        side_effects: entry.side_effects,
        timeout_seconds: entry.timeout_seconds,
    }
}
