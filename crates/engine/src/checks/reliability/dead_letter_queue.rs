//! dead-letter-queue: a message that cannot be worked off is kept.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Workload},
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "dead-letter-queue",
    title: "No dead-letter queue",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A broker, told by its image, or a worker says nothing of dead letters: no variable, argument or mounted configuration that mentions dead-letter, DLQ or DLX; and no annotation prodready.dev/dead-letters says where they go. A configuration from a Secret, or one that was not seen, cannot be told.",
        root_cause: "In the test every message could be worked off.",
        scenario: "One message cannot be read, is tried for ever, and holds up all behind it.",
        impact: "A queue that stands still, or messages that are thrown away.",
        fix: "Give each queue a dead-letter exchange or topic, and alert on what arrives there.",
    },
    links: &["https://www.rabbitmq.com/docs/dlx"],
    covers: Covers {
        audit_rows: &[11],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// By which a workload says where its dead letters go.
const SAYS: &str = "prodready.dev/dead-letters";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    if asked.role() != Role::Broker {
        return Answer::DoesNotApply;
    }
    let about = |text: &str| {
        let lower = text.to_ascii_lowercase().replace(['_', '.'], "-");
        lower.contains("dead-letter")
            || lower.contains("deadletter")
            || lower.contains("dlq")
            || lower.contains("dlx")
    };
    let by_container = workload.planned_containers().any(|container| {
        let spec = container.spec;
        let words = spec
            .command
            .iter()
            .chain(&spec.args)
            .any(|word| about(word));
        let own = spec
            .env
            .iter()
            .any(|one| about(&one.name) || one.value.as_deref().is_some_and(about));
        words || own
    });
    let by_map = around.config_maps(workload).iter().any(|map| {
        map.data
            .iter()
            .any(|(key, value)| about(key) || about(value))
    });
    if by_container || by_map || is_said(workload) {
        return Answer::Passes;
    }
    let hidden = workload
        .pod()
        .volumes
        .iter()
        .any(|volume| volume.secret.is_some());
    if hidden {
        return Answer::Unknown("its configuration is in a Secret, which is not read".to_owned());
    }
    Answer::about(around.absent(Kind::ConfigMap), |()| {
        let message = "keeps no messages that cannot be worked off";
        Answer::fails(Fault::new(workload.at("/metadata/name"), message))
    })
}

fn is_said(workload: &Workload) -> bool {
    let template = &workload.spec.template.metadata;
    let said = [&workload.metadata.annotations, &template.annotations];
    said.iter()
        .any(|annotations| annotations.contains_key(SAYS))
}
