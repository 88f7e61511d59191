//! secret-from-env: Secrets reach the process as files.

use std::collections::BTreeMap;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "secret-from-env",
    title: "Secret passed as an environment variable",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A container takes a Secret through env (valueFrom.secretKeyRef) or envFrom (secretRef) instead of as a mounted file. Each Secret is reported once per container, at the first place that names it.",
        root_cause: "Variables are the easiest way to pass a value, and every program reads them.",
        scenario: "Crash reports, debug pages and child processes take the whole environment with them, and a changed Secret does not reach the process until it restarts.",
        impact: "Credentials end up in places that nobody guards, and changing one needs a restart.",
        fix: "Mount the Secret as a volume and let the program read the file; many programs take a variable that ends in _FILE for that.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod",
        "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:read-secret-from-env-var",
            "kyverno:disallow-secrets-from-env-vars",
            "kubescape:C-0207",
            "checkov:CKV_K8S_35",
            "datree:98",
            "kics:Secrets As Environment Variables",
            "kubesec:SecretsAsEnvironmentVariables",
            "kyverno:disallow-all-secrets",
            "redhat-cop:BESTPRACT-00016",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let mut by_secret: BTreeMap<&str, (String, Vec<String>)> = BTreeMap::new();
    for (secret, place, what) in uses(container) {
        let (_, all) = by_secret.entry(secret).or_insert((place, Vec::new()));
        all.push(what);
    }
    let faults = by_secret.into_iter().map(|(secret, (place, all))| {
        let message = format!("takes Secret {secret} as {}", list(&all));
        Fault::in_container(container, &place, message)
    });
    Answer::from_faults(faults.collect())
}

/// The Secrets that a container takes by its environment: which, where, and as what.
fn uses<'a>(container: &Container<'a>) -> impl Iterator<Item = (&'a str, String, String)> {
    let spec = container.spec;
    let variables = spec.env.iter().enumerate().filter_map(|(index, variable)| {
        let key = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
        Some((
            key.name.as_str(),
            format!("/env/{index}/valueFrom/secretKeyRef"),
            format!("variable {}", variable.name),
        ))
    });
    let whole = spec
        .env_from
        .iter()
        .enumerate()
        .filter_map(|(index, from)| {
            let secret = from.secret_ref.as_ref()?;
            Some((
                secret.name.as_str(),
                format!("/envFrom/{index}/secretRef"),
                "one variable per key".to_owned(),
            ))
        });
    variables.chain(whole)
}

/// The first few, and how many more.
fn list(all: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = all[..all.len().min(SHOWN)].join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
