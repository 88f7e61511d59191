//! schema-valid: what is written is a field, and means something.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "schema-valid",
    title: "Field that Kubernetes does not know",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "In a file, a workload has a field that the newest Kubernetes known here does not have at that place, or a value of another type than the field's. What the API server stored is right by itself and is not asked.",
        root_cause: "A word was misspelt, or stands at the wrong indentation.",
        scenario: "The API server drops the field without a word, or refuses the manifest only when it is rolled out. A probe that is misspelt is no probe.",
        impact: "What the author relies on is not there.",
        fix: "Write the field as the Kubernetes API reference does, at its place.",
    },
    links: &["https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kube-linter:schema-validation"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let faults = workload.metadata.schema_faults.iter().map(|fault| {
        let within = workload
            .containers()
            .find(|container| fault.pointer.is_within(&container.root()));
        match within {
            Some(container) => {
                Fault::in_container_at(&container, fault.pointer.clone(), &fault.message)
            }
            None => Fault::new(fault.pointer.clone(), &fault.message),
        }
    });
    let faults: Vec<Fault> = faults.collect();
    if faults.is_empty() {
        // Never counted as passed: a cluster could not tell.
        return Answer::DoesNotApply;
    }
    Answer::from_faults(faults)
}
