//! duplicate-workload: one thing is there once.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Workload},
};

pub(super) const CHECK: Check = Check {
    id: "duplicate-workload",
    title: "The same thing runs twice",
    category: Category::Maintainability,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "Another workload of the namespace, of the same kind, runs the same images with the same commands, arguments and variables. Canaries, whose name begins with the other's, are meant to.",
        root_cause: "It was renamed by making a new one, and the old one stayed.",
        scenario: "Both take jobs from the same queue, or both send the nightly mail.",
        impact: "Work that is done twice, and changes that reach one of them.",
        fix: "Delete the one that is not wanted; scale the other.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"],
    covers: Covers {
        audit_rows: &[29],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::Namespace],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.metadata.controller().is_some() || workload.kind == WorkloadKind::Pod {
        return Answer::DoesNotApply;
    }
    let alike = |other: &Workload| {
        let (a, b) = (&workload.pod().containers, &other.pod().containers);
        a.len() == b.len()
            && a.iter().zip(b).all(|(one, two)| {
                (&one.image, &one.command, &one.args, &one.env, &one.env_from)
                    == (&two.image, &two.command, &two.args, &two.env, &two.env_from)
            })
    };
    let mut others = asked.surroundings.workloads();
    let twin = others.find(|other| {
        other.kind == workload.kind
            && other.name() != workload.name()
            && other.metadata.controller().is_none()
            && other.spec.cron.schedule == workload.spec.cron.schedule
            && !other.name().starts_with(workload.name())
            && !workload.name().starts_with(other.name())
            && alike(other)
    });
    match twin {
        Some(twin) => {
            let message = format!("runs the very same as {}", twin.display_name());
            Answer::fails(Fault::new(workload.at("/metadata/name"), message))
        }
        None => Answer::Passes,
    }
}
