//! What the API server is told to send us: the ValidatingWebhookConfiguration.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::{
    ByteString,
    api::admissionregistration::v1::{
        MatchCondition, RuleWithOperations, ServiceReference, ValidatingWebhook,
        ValidatingWebhookConfiguration, WebhookClientConfig,
    },
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams},
};
use prodready_engine::{
    api::vocabulary::{Mode, WorkloadKind},
    policy::Policy,
};

use super::{reach, router};

/// Who writes the configuration, for server-side apply.
const FIELD_MANAGER: &str = "prodready-gate";

/// On the configuration: what we meant by it when we wrote it last. Fields that others narrow do not
/// change it, so nobody's loop is fed.
const INTENT: &str = "prodready.dev/intent";

/// What the configuration is made from beside the policies.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The configuration's name.
    pub name: String,
    /// The namespace of the Service.
    pub namespace: String,
    /// The Service in front of the gate.
    pub service: String,
    /// Seconds that the API server waits for an answer.
    pub timeout_seconds: i32,
    /// Namespaces out of the gate's reach.
    pub protected_namespaces: BTreeSet<String>,
    /// Accounts of the controllers that make objects for workloads.
    pub workload_controllers: Vec<String>,
    /// What the configuration goes with.
    pub owner: Option<OwnerReference>,
}

/// The two entries. Their number does not grow with that of the policies: each entry costs every request.
const ENTRIES: [(Mode, &str, &str); 2] = [
    (Mode::Enforce, "enforce.prodready.dev", "Fail"),
    (Mode::Warn, "warn.prodready.dev", "Ignore"),
];

impl Registration {
    /// The configuration that these policies want; without entries where nothing is enforced or warned on.
    pub fn wanted(
        &self,
        policies: &[impl AsRef<Policy>],
        ca_bundle: &str,
        now: Timestamp,
    ) -> ValidatingWebhookConfiguration {
        let webhooks: Vec<ValidatingWebhook> = ENTRIES
            .iter()
            .filter_map(|(mode, name, failure_policy)| {
                let of_mode: Vec<&Policy> = policies
                    .iter()
                    .map(AsRef::as_ref)
                    .filter(|policy| policy.enforcement.mode_at(now) == *mode)
                    .collect();
                (!of_mode.is_empty())
                    .then(|| self.entry(*mode, name, failure_policy, &of_mode, ca_bundle))
            })
            .collect();
        let intent = fingerprint(&webhooks);
        ValidatingWebhookConfiguration {
            metadata: ObjectMeta {
                name: Some(self.name.clone()),
                labels: Some(BTreeMap::from([(
                    "app.kubernetes.io/managed-by".to_owned(),
                    "prodready".to_owned(),
                )])),
                annotations: Some(BTreeMap::from([(INTENT.to_owned(), intent)])),
                owner_references: self.owner.clone().map(|owner| vec![owner]),
                ..ObjectMeta::default()
            },
            webhooks: Some(webhooks),
        }
    }

    fn entry(
        &self,
        mode: Mode,
        name: &str,
        failure_policy: &str,
        policies: &[&Policy],
        ca_bundle: &str,
    ) -> ValidatingWebhook {
        ValidatingWebhook {
            name: name.to_owned(),
            admission_review_versions: vec!["v1".to_owned()],
            side_effects: "None".to_owned(),
            failure_policy: Some(failure_policy.to_owned()),
            match_policy: Some("Equivalent".to_owned()),
            timeout_seconds: Some(self.timeout_seconds),
            client_config: WebhookClientConfig {
                ca_bundle: Some(ByteString(ca_bundle.as_bytes().to_vec())),
                service: Some(ServiceReference {
                    namespace: self.namespace.clone(),
                    name: self.service.clone(),
                    path: Some(router::path(mode)),
                    port: None,
                }),
                url: None,
            },
            rules: Some(rules(&kinds(policies))),
            namespace_selector: Some(reach::namespaces(policies, &self.protected_namespaces)),
            object_selector: None,
            match_conditions: Some(self.match_conditions()),
        }
    }

    /// What the API server itself decides, so that it holds with every replica dead. Each expression
    /// looks before it touches a field: an error under failurePolicy Fail would reject the request.
    fn match_conditions(&self) -> Vec<MatchCondition> {
        let accounts: Vec<String> = self
            .workload_controllers
            .iter()
            .map(|name| quoted(name))
            .collect();
        let kinds: Vec<String> = WorkloadKind::ALL
            .iter()
            .map(|kind| quoted(kind.as_str()))
            .collect();
        let (accounts, kinds) = (accounts.join(", "), kinds.join(", "));
        let conditions = [
            ("not-being-deleted", "!has(object.metadata.deletionTimestamp)".to_owned()),
            (
                "spec-or-labels-changed",
                "request.operation != 'UPDATE' || object.spec != oldObject.spec || \
                 (has(object.metadata.labels) ? object.metadata.labels : {}) != \
                 (has(oldObject.metadata.labels) ? oldObject.metadata.labels : {})"
                    .to_owned(),
            ),
            (
                "not-made-by-a-workload-controller",
                format!(
                    "!(request.userInfo.username in [{accounts}] && has(object.metadata.ownerReferences) && \
                     object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller && \
                     owner.kind in [{kinds}]))"
                ),
            ),
            (
                "not-a-mirror-pod",
                "!(request.userInfo.username.startsWith('system:node:') && has(object.metadata.annotations) && \
                 'kubernetes.io/config.mirror' in object.metadata.annotations)"
                    .to_owned(),
            ),
            (
                "not-scaled-by-an-autoscaler",
                "!(request.subResource == 'scale' && request.userInfo.username in \
                 ['system:serviceaccount:kube-system:horizontal-pod-autoscaler', \
                 'system:serviceaccount:keda:keda-operator'])"
                    .to_owned(),
            ),
        ];
        let condition = |(name, expression): (&str, String)| MatchCondition {
            name: name.to_owned(),
            expression,
        };
        conditions.into_iter().map(condition).collect()
    }
}

/// The configuration as it is stored.
pub async fn find(
    client: &Client,
    wanted: &ValidatingWebhookConfiguration,
) -> Result<Option<ValidatingWebhookConfiguration>, kube::Error> {
    let api: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let name = wanted.metadata.name.as_deref().unwrap_or_default();
    api.get_opt(name).await
}

/// Writes the configuration, unless the one that was found says already what we mean by it.
pub async fn write(
    client: &Client,
    found: Option<&ValidatingWebhookConfiguration>,
    wanted: &ValidatingWebhookConfiguration,
) -> Result<Written, kube::Error> {
    if found.is_some_and(|found| intent(found) == intent(wanted)) {
        return Ok(Written::Unchanged);
    }
    let api: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    api.patch(
        wanted.metadata.name.as_deref().unwrap_or_default(),
        &PatchParams::apply(FIELD_MANAGER).force(),
        &Patch::Apply(wanted),
    )
    .await?;
    Ok(Written::Changed)
}

/// Whether something had to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It had.
    Changed,
    /// It stood there already.
    Unchanged,
}

fn intent(configuration: &ValidatingWebhookConfiguration) -> Option<&String> {
    configuration.metadata.annotations.as_ref()?.get(INTENT)
}

/// FNV-1a: stable over releases and machines, which a hasher of the standard library is not.
fn fingerprint(webhooks: &[ValidatingWebhook]) -> String {
    let bytes = serde_json::to_vec(webhooks).unwrap_or_default();
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
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
        let group = kind
            .api_version()
            .split_once('/')
            .map_or("", |(group, _)| group);
        let resources = by_group.entry(group).or_default();
        resources.push(kind.plural().to_owned());
        if matches!(
            kind,
            WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::ReplicaSet
        ) {
            resources.push(format!("{}/scale", kind.plural()));
        }
    }
    let rule = |(group, resources): (&str, Vec<String>)| RuleWithOperations {
        api_groups: Some(vec![group.to_owned()]),
        api_versions: Some(vec!["v1".to_owned()]),
        operations: Some(vec!["CREATE".to_owned(), "UPDATE".to_owned()]),
        resources: Some(resources),
        scope: Some("Namespaced".to_owned()),
    };
    by_group.into_iter().map(rule).collect()
}
