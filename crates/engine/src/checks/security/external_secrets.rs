//! external-secrets: secrets come from where they are kept.

use std::collections::BTreeSet;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind, Workload,
        edge_policy::Certificate,
        secret_source::{ExternalSecret, SealedSecret},
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "external-secrets",
    title: "Secrets from no secret manager",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(240),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The workload uses Secrets, and none of them is made by External Secrets or Sealed Secrets, brought by the Secrets Store CSI driver, put in by Vault's or Doppler's agent, or made by cert-manager. Secrets themselves are never read.",
        root_cause: "kubectl create secret was enough for the first one.",
        scenario: "The cluster is lost, and nobody knows the passwords; or somebody leaves, and nobody knows which ones to change.",
        impact: "Secrets that cannot be rotated, and are copied from chat to chat.",
        fix: "Keep them in a secret manager, and let External Secrets or the CSI driver bring them.",
    },
    links: &["https://external-secrets.io/latest/"],
    covers: Covers {
        audit_rows: &[55],
        peers: &["kubescape:C-0208", "kubescape:C-0234"],
    },
    parameters: &[],
    reads: &[Kind::ExternalSecret, Kind::SealedSecret, Kind::Certificate],
    ask: Ask::Surroundings(ask),
};

/// Beginnings of annotations by which agents bring secrets.
const AGENTS: [&str; 4] = [
    "vault.hashicorp.com/",
    "secrets.doppler.com/",
    "vault.security.banzaicloud.io/",
    "infisical.com/",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let used = used_secrets(workload);
    if used.is_empty() {
        return Answer::DoesNotApply;
    }
    let annotations = &workload.spec.template.metadata.annotations;
    let by_agent = annotations
        .keys()
        .any(|key| AGENTS.iter().any(|agent| key.starts_with(agent)));
    let by_driver = workload.pod().volumes.iter().any(|volume| {
        volume
            .csi
            .as_ref()
            .is_some_and(|csi| csi.driver == "secrets-store.csi.k8s.io")
    });
    if by_agent || by_driver {
        return Answer::Passes;
    }
    let managed = |name: &str| {
        around
            .each::<ExternalSecret>()
            .any(|one| one.secret() == name)
            || around
                .each::<SealedSecret>()
                .any(|one| one.metadata.name == name)
            || around
                .each::<Certificate>()
                .any(|one| one.spec.secret_name == name)
    };
    let by_hand: Vec<&str> = used.into_iter().filter(|name| !managed(name)).collect();
    if by_hand.is_empty() {
        return Answer::Passes;
    }
    let seen = [Kind::ExternalSecret, Kind::SealedSecret].map(|kind| around.absent(kind));
    if let Some(Seen::NotSeen(why)) = seen
        .into_iter()
        .find(|seen| matches!(seen, Seen::NotSeen(_)))
    {
        return Answer::Unknown(why);
    }
    let message = format!(
        "uses Secrets that come from no secret manager: {}",
        by_hand.join(", ")
    );
    Answer::fails(Fault::new(workload.at("/metadata/name"), message))
}

/// The Secrets that a pod names.
fn used_secrets(workload: &Workload) -> BTreeSet<&str> {
    let pod = workload.pod();
    let containers = || pod.init_containers.iter().chain(&pod.containers);
    let by_env = containers().flat_map(|container| &container.env);
    let by_env = by_env.filter_map(|one| {
        Some(
            one.value_from
                .as_ref()?
                .secret_key_ref
                .as_ref()?
                .name
                .as_str(),
        )
    });
    let by_env_from = containers().flat_map(|container| &container.env_from);
    let by_env_from = by_env_from.filter_map(|one| Some(one.secret_ref.as_ref()?.name.as_str()));
    let by_volume = pod
        .volumes
        .iter()
        .filter_map(|one| Some(one.secret.as_ref()?.secret_name.as_str()));
    let projected = pod
        .volumes
        .iter()
        .flat_map(|one| one.projected.iter().flat_map(|all| &all.sources));
    let projected = projected.filter_map(|one| Some(one.secret.as_ref()?.name.as_str()));
    by_env
        .chain(by_env_from)
        .chain(by_volume)
        .chain(projected)
        .collect()
}
