//! cost-labels: somebody pays for it.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::{Kind, metadata::Labels},
};

pub(super) const CHECK: Check = Check {
    id: "cost-labels",
    title: "No cost centre",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "Neither the workload, its pods nor its namespace has one of the parameter labels: cost-center, cost-centre, costcenter, department, budget or business-unit by default.",
        root_cause: "Nobody asked who pays while it was small.",
        scenario: "The bill has doubled, and nobody can say by what.",
        impact: "Nothing can be saved where nobody knows who spends.",
        fix: "Label the namespace or the workload with the key that your bills are split by.",
    },
    links: &["https://www.finops.org/framework/capabilities/allocation/"],
    covers: Covers {
        audit_rows: &[33],
        peers: &["kyverno:require-kubecost-labels"],
    },
    parameters: &[KEYS],
    reads: &[Kind::Namespace],
    ask: Ask::Workload(ask),
};

const KEYS: Parameter = Parameter {
    name: "keys",
    describes: "Labels and annotations by which costs are split.",
    kind: ParameterKind::Texts {
        default: &[
            "cost-center",
            "cost-centre",
            "costcenter",
            "department",
            "budget",
            "business-unit",
        ],
    },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let keys = asked.texts(KEYS.name);
    // With or without a prefix: example.com/cost-center is one too.
    let names_payer = |labels: &Labels| {
        labels.iter().any(|(key, value)| {
            let name = key.rsplit('/').next().unwrap_or(key);
            !value.is_empty() && keys.iter().any(|wanted| wanted == key || wanted == name)
        })
    };
    let template = &workload.spec.template.metadata;
    let own = [
        &workload.metadata.labels,
        &workload.metadata.annotations,
        &template.labels,
        &template.annotations,
    ];
    let of_namespace = asked.surroundings.namespace_labels().known();
    let is_paid = own.into_iter().any(names_payer) || of_namespace.is_some_and(names_payer);
    Answer::pass_if(is_paid, || {
        Fault::new(
            workload.at("/metadata/labels"),
            "names nobody who pays for it",
        )
    })
}
