//! service-mesh: what is in the mesh is all in it.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, metadata::Labels},
};

pub(super) const CHECK: Check = Check {
    id: "service-mesh",
    title: "Taken out of the mesh",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The namespace is in a service mesh (Istio or Linkerd, by its labels and annotations), and the workload's pods are taken out of it; pods with the host's network are not asked. Where there is no mesh, nothing is asked.",
        root_cause: "The proxy was in the way of a job or of a start.",
        scenario: "This one workload talks in plain text, and its calls are in no trace and under no policy.",
        impact: "A hole in what everybody believes to be closed.",
        fix: "Remove the annotation or label that takes it out; native sidecars (Kubernetes 1.29) let jobs end.",
    },
    links: &["https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/"],
    covers: Covers {
        audit_rows: &[22],
        peers: &[
            "kyverno:prevent-disabling-injection-pods",
            "kyverno:enforce-sidecar-injection-namespace",
            "kyverno:enforce-ambient-mode-namespace",
            "kyverno:require-linkerd-mesh-injection",
            "kyverno:prevent-linkerd-pod-injection-override",
            "kyverno:add-ambient-mode-namespace",
            "kyverno:add-linkerd-mesh-injection",
            "kyverno:add-sidecar-injection-namespace",
            "kyverno:prevent-linkerd-port-skipping",
        ],
    },
    parameters: &[],
    reads: &[Kind::Namespace],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    Answer::about(asked.surroundings.namespace_object(), |namespace| {
        let says = |labels: &Labels, key: &str, value: &str| {
            labels.get(key).is_some_and(|found| found == value)
        };
        let (labels, annotations) = (&namespace.metadata.labels, &namespace.metadata.annotations);
        let istio = says(labels, "istio-injection", "enabled")
            || labels.contains_key("istio.io/rev")
            || says(labels, "istio.io/dataplane-mode", "ambient");
        let linkerd = says(annotations, "linkerd.io/inject", "enabled");
        if !(istio || linkerd) || workload.pod().host_network == Some(true) {
            return Answer::DoesNotApply;
        }
        let template = &workload.spec.template.metadata;
        let out = says(&template.labels, "sidecar.istio.io/inject", "false")
            || says(&template.annotations, "sidecar.istio.io/inject", "false")
            || says(&template.labels, "istio.io/dataplane-mode", "none")
            || says(&template.annotations, "linkerd.io/inject", "disabled");
        Answer::pass_if(!out, || {
            let message = "is taken out of the mesh that its namespace is in";
            Fault::new(workload.at("/metadata/name"), message)
        })
    })
}
