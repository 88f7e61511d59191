//! deprecated-api: the API that was written against is still there.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
};

pub(super) const CHECK: Check = Check {
    id: "deprecated-api",
    title: "API version that goes or is gone",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The apiVersion that the workload was written in is deprecated, or is removed up to Kubernetes 1.36. In a cluster the last version given to kubectl apply is looked at: the API server shows every object in the newest. The parameter targetVersion limits it to what is gone by then.",
        root_cause: "Manifests live longer than API versions.",
        scenario: "The cluster is upgraded at night, and the next release says: no matches for kind.",
        impact: "Nothing can be deployed until every chart is found and changed.",
        fix: "Write the version that the finding names; its fields may differ, so apply it to a test cluster first.",
    },
    links: &["https://kubernetes.io/docs/reference/using-api/deprecation-guide/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:no-extensions-v1beta",
            "kube-score:stable-version",
            "popeye:403",
            "popeye:404",
            "kyverno:check-deprecated-apis",
            "trivy:KSV-0107",
            "gatekeeper:verifydeprecatedapi",
            "datree:18",
            "datree:19",
            "datree:90",
            "datree:91",
            "datree:92",
            "datree:93",
            "datree:94",
            "datree:106",
            "datree:107",
            "datree:108",
            "datree:109",
            "datree:110",
            "datree:111",
            "kics:Object Is Using A Deprecated API Version",
            "kubeaudit:deprecatedapis",
            "kyverno:disallow-deprecated-apis",
            "redhat-cop:DEPRECATED-ocp*",
        ],
    },
    parameters: &[TARGET],
    reads: &[],
    ask: Ask::Workload(ask),
};

const TARGET: Parameter = Parameter {
    name: "targetVersion",
    describes: "Minor version of Kubernetes 1 that the manifests are for.",
    kind: ParameterKind::Integer {
        min: 16,
        max: 99,
        default: 36,
    },
};

/// Workload versions that went: group and version, kind, the minor version of Kubernetes 1 without it, and what to
/// write (deprecated API migration guide).
const GONE: [(&str, &[WorkloadKind], i64, &str); 5] = [
    (
        "extensions/v1beta1",
        &[
            WorkloadKind::Deployment,
            WorkloadKind::DaemonSet,
            WorkloadKind::ReplicaSet,
        ],
        16,
        "apps/v1",
    ),
    (
        "apps/v1beta1",
        &[WorkloadKind::Deployment, WorkloadKind::StatefulSet],
        16,
        "apps/v1",
    ),
    (
        "apps/v1beta2",
        &[
            WorkloadKind::Deployment,
            WorkloadKind::StatefulSet,
            WorkloadKind::DaemonSet,
            WorkloadKind::ReplicaSet,
        ],
        16,
        "apps/v1",
    ),
    ("batch/v1beta1", &[WorkloadKind::CronJob], 25, "batch/v1"),
    ("batch/v2alpha1", &[WorkloadKind::CronJob], 21, "batch/v1"),
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let Some(written) = workload.metadata.written_version.as_deref() else {
        return Answer::DoesNotApply;
    };
    let gone = GONE
        .iter()
        .find(|(version, kinds, _, _)| *version == written && kinds.contains(&workload.kind));
    let Some((_, _, minor, instead)) = gone else {
        return Answer::Passes;
    };
    let kind = workload.kind.as_str();
    let at = workload.at("/apiVersion");
    if *minor <= asked.integer(TARGET.name) {
        let message =
            format!("{kind} of {written} is gone since Kubernetes 1.{minor}; write {instead}");
        Answer::fails(Fault::new(at, message))
    } else {
        let message =
            format!("{kind} of {written} goes with Kubernetes 1.{minor}; write {instead}");
        Answer::fails(Fault::new(at, message).severity(Severity::Medium))
    }
}
