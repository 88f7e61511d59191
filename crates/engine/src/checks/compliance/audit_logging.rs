//! audit-logging: who did what is written down.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::any_name,
    object::{Kind, Workload},
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "audit-logging",
    title: "No audit trail",
    category: Category::Compliance,
    severity: Severity::Medium,
    effort: Minutes(240),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A service that is reached from outside and keeps who is signed in says nothing of an audit trail: no variable that mentions AUDIT, and no annotation prodready.dev/audit-log on the workload or its namespace that says where it is.",
        root_cause: "Logs are there, and they tell what the program did, not who.",
        scenario: "A customer asks who looked at their data, and nobody can say.",
        impact: "A question of a regulator that has no answer.",
        fix: "Write who did what, when and to whom, to a place that the application cannot change, and say where by the annotation.",
    },
    links: &["https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html"],
    covers: Covers {
        audit_rows: &[16],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::Namespace,
        Kind::ConfigMap,
    ],
    ask: Ask::Surroundings(ask),
};

/// By which a workload or its namespace says where its audit trail is.
const SAYS: &str = "prodready.dev/audit-log";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    if asked.role() != Role::Service {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.entrances(), |entrances| {
        if entrances.is_empty() {
            return Answer::DoesNotApply;
        }
        let of_namespace = around.namespace_object().known();
        let by_namespace =
            of_namespace.is_some_and(|one| one.metadata.annotations.contains_key(SAYS));
        if by_namespace || is_said(workload) {
            return Answer::Passes;
        }
        let named = any_name(workload, around, |name| {
            name.to_ascii_uppercase().contains("AUDIT")
        });
        Answer::about(named, |named| {
            Answer::pass_if(named, || {
                let message = "has no audit trail that can be seen";
                Fault::new(workload.at("/metadata/name"), message)
            })
        })
    })
}

fn is_said(workload: &Workload) -> bool {
    let template = &workload.spec.template.metadata;
    let said = [&workload.metadata.annotations, &template.annotations];
    said.iter()
        .any(|annotations| annotations.contains_key(SAYS))
}
