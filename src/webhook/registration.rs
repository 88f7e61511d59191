//! What the API server is told to send us: the ValidatingWebhookConfiguration.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::{
    ByteString,
    api::admissionregistration::v1::{
        MatchCondition, RuleWithOperations, ServiceReference, ValidatingWebhook,
        ValidatingWebhookConfiguration, WebhookClientConfig,
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, OwnerReference},
};
use kube::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams},
};
use prodready_engine::{
    api::vocabulary::{Mode, WorkloadKind},
    policy::Policy,
};
use serde_json::json;

use super::{
    conditions::{self, Breakglass},
    entry::Entry,
    probe, reach,
};

/// Who writes the configuration, for server-side apply.
pub(crate) const FIELD_MANAGER: &str = "prodready-gate";

/// On the configuration: what we meant by it when we wrote it last. Fields that others narrow do not
/// change it, so nobody's loop is fed.
const INTENT: &str = "prodready.dev/intent";

/// On the configuration: cert-manager writes the authority of this Certificate into it.
const INJECT_CA_FROM: &str = "cert-manager.io/inject-ca-from";

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
        let webhooks: Vec<ValidatingWebhook> = Entry::ALL.into_iter().filter_map(entry).collect();
        let intent = fingerprint(&webhooks);
        ValidatingWebhookConfiguration {
            metadata: ObjectMeta {
                name: Some(self.name.clone()),
                labels: Some(BTreeMap::from([(
                    "app.kubernetes.io/managed-by".to_owned(),
                    "prodready".to_owned(),
                )])),
                annotations: Some(self.annotations(intent)),
                owner_references: self.owner.clone().map(|owner| vec![owner]),
                ..ObjectMeta::default()
            },
            webhooks: Some(webhooks),
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
            Entry::Enforce | Entry::Warn | Entry::Probe => Breakglass::Without,
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

/// The configuration as it is stored.
pub async fn find(
    client: &Client,
    wanted: &ValidatingWebhookConfiguration,
) -> Result<Option<ValidatingWebhookConfiguration>, kube::Error> {
    let api: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let name = wanted.metadata.name.as_deref().unwrap_or_default();
    api.get_opt(name).await
}

/// Forgets what was meant by the configuration, where it is there, so that the operator writes it anew.
pub async fn forget(client: &Client, name: &str) -> Result<(), kube::Error> {
    let api: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let forgotten = json!({"metadata": {"annotations": {INTENT: null}}});
    let patched = api
        .patch(name, &PatchParams::default(), &Patch::Merge(&forgotten))
        .await;
    match patched {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other.map(drop),
    }
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

/// Whether a configuration says what was meant by it when it was written last.
pub fn is_meant(configuration: &ValidatingWebhookConfiguration) -> bool {
    let webhooks = configuration.webhooks.as_deref().unwrap_or_default();
    intent(configuration) == Some(&fingerprint(webhooks))
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
