//! dangling-hpa: every autoscaler scales something.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        autoscaler::{HorizontalPodAutoscaler, ScaleTarget, ScaledObject},
    },
};

pub(super) const CHECK: Check = Check {
    id: "dangling-hpa",
    title: "Autoscaler for nothing",
    category: Category::Scalability,
    severity: Severity::High,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A HorizontalPodAutoscaler or ScaledObject names a Deployment, StatefulSet or ReplicaSet that does not exist in its namespace. Other kinds may scale too and are not known here.",
        root_cause: "The workload was renamed, or changed its kind.",
        scenario: "The peak comes, and the workload keeps its number.",
        impact: "A service that everybody believes to grow, and that does not.",
        fix: "Name the workload by kind and name in scaleTargetRef.",
    },
    links: &["https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:dangling-horizontalpodautoscaler",
            "kube-score:horizontalpodautoscaler-has-target",
            "popeye:600",
            "kubescape:C-0300",
        ],
    },
    parameters: &[],
    reads: &[Kind::HorizontalPodAutoscaler],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    let horizontal = around.each::<HorizontalPodAutoscaler>();
    let horizontal: Vec<&HorizontalPodAutoscaler> = horizontal
        .filter(|one| is_known(&one.spec.scale_target_ref))
        .collect();
    let keda = around.each::<ScaledObject>();
    let keda: Vec<&ScaledObject> = keda
        .filter(|one| is_known(&one.spec.scale_target_ref))
        .collect();
    if horizontal.is_empty() && keda.is_empty() {
        return Answer::DoesNotApply;
    }
    let is_there = |target: &ScaleTarget| {
        around.workloads().any(|workload| {
            target.means(
                workload.kind.api_version(),
                workload.kind.as_str(),
                &workload.metadata.name,
            )
        })
    };
    let said = |kind: &str, name: &str, target: &ScaleTarget| {
        let of = target.kind.as_deref().unwrap_or("Deployment");
        format!(
            "{kind} {name} scales {of} {}, which there is not",
            target.name
        )
    };
    let at = "/spec/scaleTargetRef";
    let lost = horizontal
        .into_iter()
        .filter(|one| !is_there(&one.spec.scale_target_ref));
    let mut faults: Vec<Fault> = lost
        .map(|one| {
            let message = said(
                "HorizontalPodAutoscaler",
                &one.metadata.name,
                &one.spec.scale_target_ref,
            );
            Fault::in_object(one, at, message)
        })
        .collect();
    let lost = keda
        .into_iter()
        .filter(|one| !is_there(&one.spec.scale_target_ref));
    faults.extend(lost.map(|one| {
        let message = said(
            "ScaledObject",
            &one.metadata.name,
            &one.spec.scale_target_ref,
        );
        Fault::in_object(one, at, message)
    }));
    Answer::from_faults(faults)
}

fn is_known(target: &ScaleTarget) -> bool {
    matches!(
        target.kind.as_deref().unwrap_or("Deployment"),
        "Deployment" | "StatefulSet" | "ReplicaSet"
    ) && target
        .api_version
        .as_deref()
        .is_none_or(|version| version.starts_with("apps/"))
}
