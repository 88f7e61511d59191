//! env-secret-literal: no credential stands in the manifest as the value of a variable.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    credential::Credential,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "env-secret-literal",
    title: "Credential in an environment variable's literal value",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "An environment variable has a literal value that is a credential by its name (password, token, secret, API key, private key) or by its shape (a known token format, a private key, a connection string). References, paths, switches and numbers do not count; a URL with a password is reported by url-credentials alone.",
        root_cause: "The value was written into the manifest instead of into a Secret.",
        scenario: "Everybody who may read the repository, the chart's values, the workload or a backup of the cluster has the credential, and uses it from elsewhere.",
        impact: "The system behind the credential is open until it is changed, and every copy of the manifest keeps the old one for ever.",
        fix: "Change the credential, because this one is known; put the new one into a Secret, and name it with valueFrom.secretKeyRef or mount it as a file.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/configuration/secret/",
        "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
    ],
    covers: Covers {
        audit_rows: &[1],
        peers: &[
            "kube-linter:env-var-secret",
            "polaris:sensitiveContainerEnvVar",
            "kubescape:C-0012",
            "kubescape:C-0259",
            "datree:62",
            "datree:63",
            "datree:64",
            "datree:65",
            "datree:66",
            "datree:67",
            "datree:68",
            "datree:69",
            "datree:70",
            "datree:71",
            "datree:72",
            "datree:73",
            "datree:74",
            "datree:75",
            "datree:76",
            "datree:77",
            "datree:78",
            "datree:79",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

/// Offers no edit: a patch would carry the literal in its guard.
fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let found = asked.literals_in_env(container);
    let plain = found.filter(|(_, credential)| *credential != Credential::Url);
    let faults = plain.map(|(index, credential)| {
        let name = &container.spec.env[index].name;
        Fault::in_container(
            container,
            &format!("/env/{index}/value"),
            format!("variable {name} holds {credential} as plain text"),
        )
    });
    Answer::from_faults(faults.collect())
}
