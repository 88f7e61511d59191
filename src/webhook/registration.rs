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
use prodready_engine::{api::vocabulary::WorkloadKind, policy::Policy};

use super::{
    conditions::{self, Breakglass},
    entry::Entry,
    reach,
};

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

impl Registration {
    /// The configuration that these policies want; without entries where nothing is enforced or warned on.
    pub fn wanted(
        &self,
        policies: &[impl AsRef<Policy>],
        ca_bundle: &str,
        now: Timestamp,
    ) -> ValidatingWebhookConfiguration {
        let webhooks: Vec<ValidatingWebhook> = Entry::ALL
            .into_iter()
            .filter_map(|entry| self.entry(entry, policies, ca_bundle, now))
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

    /// An entry, where a policy wants it.
    fn entry(
        &self,
        entry: Entry,
        policies: &[impl AsRef<Policy>],
        ca_bundle: &str,
        now: Timestamp,
    ) -> Option<ValidatingWebhook> {
        let of_mode: Vec<&Policy> = policies
            .iter()
            .map(AsRef::as_ref)
            .filter(|policy| policy.enforcement.mode_at(now) == entry.mode())
            .collect();
        (!of_mode.is_empty()).then(|| ValidatingWebhook {
            name: entry.name().to_owned(),
            admission_review_versions: vec!["v1".to_owned()],
            side_effects: entry.side_effects().to_owned(),
            failure_policy: Some(entry.failure_policy().to_owned()),
            match_policy: Some("Equivalent".to_owned()),
            timeout_seconds: Some(entry.timeout_seconds(self.timeout_seconds)),
            client_config: WebhookClientConfig {
                ca_bundle: Some(ByteString(ca_bundle.as_bytes().to_vec())),
                service: Some(ServiceReference {
                    namespace: self.namespace.clone(),
                    name: self.service.clone(),
                    path: Some(entry.path()),
                    port: None,
                }),
                url: None,
            },
            rules: Some(rules(&kinds(&of_mode))),
            namespace_selector: Some(reach::namespaces(&of_mode, &self.protected_namespaces)),
            object_selector: None,
            match_conditions: Some(self.match_conditions(entry)),
        })
    }

    fn match_conditions(&self, entry: Entry) -> Vec<MatchCondition> {
        let breakglass = match entry {
            Entry::Enforce | Entry::Warn => Breakglass::Without,
            Entry::Breakglass => Breakglass::With,
        };
        conditions::of_workloads(&self.workload_controllers, breakglass)
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
