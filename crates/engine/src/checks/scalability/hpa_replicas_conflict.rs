//! hpa-replicas-conflict: one decides how many replicas there are.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "hpa-replicas-conflict",
    title: "Replicas set beside an autoscaler",
    category: Category::Scalability,
    severity: Severity::Medium,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "Among files, replicas are written for a workload that an autoscaler scales, so that each apply resets the number. In a cluster the number is always there and says nothing; there it is not asked.",
        root_cause: "The number was there before the autoscaler.",
        scenario: "In the middle of a peak a release sets ten replicas back to two.",
        impact: "Each release is an outage when it matters most.",
        fix: "Remove replicas from the manifest.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-score:deployment-targeted-by-hpa-does-not-have-replicas-configured",
            "kics:HPA Targeted Deployments With Configured Replica Count",
        ],
    },
    parameters: &[],
    reads: &[Kind::HorizontalPodAutoscaler, Kind::ScaledObject],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    // What the API server has seen has a uid, and a number that it filled in.
    if !workload.is_scalable() || workload.metadata.uid.is_some() {
        return Answer::DoesNotApply;
    }
    Answer::about(
        asked.surroundings.autoscalers(workload),
        |scalers| match scalers.first() {
            None => Answer::DoesNotApply,
            Some(scaler) => Answer::pass_if(workload.spec.replicas.is_none(), || {
                let at = workload.at("/spec/replicas");
                let message = format!(
                    "resets the replicas that {} {} decides with each apply",
                    scaler.kind.info().name,
                    scaler.name
                );
                Fault::new(at.clone(), message).edit(Edit::Remove { at })
            }),
        },
    )
}
