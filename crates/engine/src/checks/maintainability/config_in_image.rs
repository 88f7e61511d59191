//! config-in-image: configuration comes from outside the image.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "config-in-image",
    title: "No configuration from outside",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A service or worker has no environment variables, no ConfigMap or Secret, no arguments and no projected volume: whatever it is told is in its image.",
        root_cause: "The settings were put into the image when there was one environment.",
        scenario: "To change the address of a database somebody builds a new image for each environment.",
        impact: "What was tested is not what runs.",
        fix: "Read settings from environment variables or a mounted ConfigMap.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/configmap/"],
    covers: Covers {
        audit_rows: &[46],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let role = asked.role();
    if !matches!(role, Role::Service | Role::Worker) {
        return Answer::DoesNotApply;
    }
    let told = workload.planned_containers().any(|container| {
        let spec = container.spec;
        !(spec.env.is_empty()
            && spec.env_from.is_empty()
            && spec.args.is_empty()
            && spec.command.len() < 2)
    });
    let mounted = workload
        .pod()
        .volumes
        .iter()
        .filter(|volume| !volume.is_injected())
        .any(|volume| {
            volume.config_map.is_some()
                || volume.secret.is_some()
                || volume.projected.is_some()
                || volume.csi.is_some()
        });
    Answer::pass_if(told || mounted, || {
        let message = "is told nothing from outside: its settings are in its image";
        Fault::new(workload.pod_at("/containers"), message)
    })
}
