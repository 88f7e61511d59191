//! job-ttl: finished Jobs go away.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "job-ttl",
    title: "Finished Job is kept for ever",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A Job that no CronJob made sets no ttlSecondsAfterFinished. Hooks of Helm and Argo CD are not asked: their tools delete them.",
        root_cause: "Nothing deletes a finished Job and its pods unless it says so itself.",
        scenario: "A pipeline makes a Job for each release, and after two years a list of pods takes minutes and etcd is full.",
        impact: "The control plane becomes slow for everybody.",
        fix: "Set ttlSecondsAfterFinished to the time for which somebody may want to look at it, for example 86400.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:job-ttl-seconds-after-finished",
            "kyverno:add-ttl-jobs",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// Tools that delete their Jobs themselves.
const HOOKS: [&str; 2] = ["helm.sh/hook", "argocd.argoproj.io/hook"];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let annotations = &workload.metadata.annotations;
    if workload.kind != WorkloadKind::Job
        || workload.metadata.controller().is_some()
        || HOOKS.iter().any(|hook| annotations.contains_key(*hook))
    {
        return Answer::DoesNotApply;
    }
    let at = workload.at("/spec/ttlSecondsAfterFinished");
    Answer::pass_if(workload.spec.ttl_seconds_after_finished.is_some(), || {
        Fault::new(
            at.clone(),
            "is kept for ever once it has finished, with its pods",
        )
        .edit(Edit::set(at, 86_400))
    })
}
