//! secret-rotation: a secret that is changed arrives.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, secret_source::ExternalSecret},
};

pub(super) const CHECK: Check = Check {
    id: "secret-rotation",
    title: "Secret is fetched once and never again",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "An ExternalSecret for a Secret that the workload uses has refreshInterval 0, so that a change in the secret manager never arrives.",
        root_cause: "Zero was set to save calls to the secret manager.",
        scenario: "The password is rotated after an incident, and the workload goes on with the old one until it is refused.",
        impact: "A rotation that breaks the service, so nobody rotates again.",
        fix: "Set refreshInterval to an hour or so, and restart the workload on change (Reloader, or a checksum annotation).",
    },
    links: &["https://external-secrets.io/latest/api/externalsecret/"],
    covers: Covers {
        audit_rows: &[55],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ExternalSecret],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let names = |secret: &str| {
        let pod = workload.pod();
        let by_volume = pod.volumes.iter().any(|volume| {
            volume
                .secret
                .as_ref()
                .is_some_and(|source| source.secret_name == secret)
        });
        let mut containers = pod.init_containers.iter().chain(&pod.containers);
        by_volume
            || containers.any(|container| {
                let from = container
                    .env_from
                    .iter()
                    .filter_map(|from| from.secret_ref.as_ref());
                let keys = container
                    .env
                    .iter()
                    .filter_map(|one| one.value_from.as_ref()?.secret_key_ref.as_ref());
                from.map(|one| &one.name)
                    .chain(keys.map(|one| &one.name))
                    .any(|name| name == secret)
            })
    };
    let sources = asked.surroundings.each::<ExternalSecret>();
    let own: Vec<&ExternalSecret> = sources.filter(|one| names(one.secret())).collect();
    if own.is_empty() {
        return Answer::DoesNotApply;
    }
    let faults = own
        .into_iter()
        .filter(|one| one.is_fetched_once())
        .map(|one| {
            let message = format!(
                "ExternalSecret {} is fetched once and never again",
                one.metadata.name
            );
            Fault::new(workload.at("/metadata/name"), message)
        });
    Answer::from_faults(faults.collect())
}
