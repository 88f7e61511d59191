//! mesh-mtls: inside the mesh nobody listens.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, mesh::PeerAuthentication, metadata::Labels},
};

pub(super) const CHECK: Check = Check {
    id: "mesh-mtls",
    title: "Mesh takes plain text",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The workload's namespace or pod is in Istio's mesh (label istio-injection, istio.io/rev or istio.io/dataplane-mode), and no PeerAuthentication for it, its namespace or the mesh says STRICT, or one that is nearer says otherwise. A mesh is taken to be rooted in istio-system.",
        root_cause: "PERMISSIVE was for the time of moving in.",
        scenario: "A pod outside the mesh talks to it in plain text, with the name of whoever it likes.",
        impact: "Encryption and identity that are there only for those who want them.",
        fix: "Add a PeerAuthentication with mtls.mode: STRICT to istio-system, and exceptions where they are needed.",
    },
    links: &["https://istio.io/latest/docs/reference/config/security/peer_authentication/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:enforce-strict-mtls",
            "kyverno:service-mesh-disallow-capabilities",
            "kyverno:enforce-min-tls-version",
            "kyverno:enforce-tls-hosts-host-subnets",
        ],
    },
    parameters: &[],
    reads: &[Kind::Namespace, Kind::PeerAuthentication],
    ask: Ask::Surroundings(ask),
};

/// The namespace in which a PeerAuthentication is for the whole mesh.
const ROOT: &str = "istio-system";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let pods = workload.pod_labels();
    let of_namespace = around.namespace_labels().known();
    let in_mesh = |labels: &Labels| {
        labels
            .get("istio-injection")
            .is_some_and(|value| value == "enabled")
            || labels.contains_key("istio.io/rev")
            || labels
                .get("istio.io/dataplane-mode")
                .is_some_and(|value| value == "ambient")
            || labels
                .get("sidecar.istio.io/inject")
                .is_some_and(|value| value == "true")
    };
    let out = pods
        .get("sidecar.istio.io/inject")
        .is_some_and(|value| value == "false");
    if out || !(in_mesh(pods) || of_namespace.is_some_and(in_mesh)) {
        return Answer::DoesNotApply;
    }
    let own = around.namespace();
    // The nearest that says something holds: for the pods, for the namespace, for the mesh.
    let mode = |is_meant: &dyn Fn(&PeerAuthentication) -> bool| {
        let mut found = around
            .everywhere::<PeerAuthentication>()
            .filter(|one| is_meant(one));
        found.find_map(|one| {
            one.spec
                .mtls
                .as_ref()?
                .mode
                .as_deref()
                .filter(|mode| *mode != "UNSET")
        })
    };
    let of_pods = mode(&|one| {
        let selector = one.spec.selector.as_ref();
        one.metadata.namespace == own && selector.is_some_and(|selector| selector.matches(pods))
    });
    let of_own = mode(&|one| one.metadata.namespace == own && one.spec.selector.is_none());
    let of_mesh = mode(&|one| one.metadata.namespace == ROOT && one.spec.selector.is_none());
    let found = of_pods.or(of_own).or(of_mesh);
    match found {
        Some("STRICT") => Answer::Passes,
        Some(mode) => {
            let message = format!("takes plain text beside the mesh's encryption ({mode})");
            Answer::fails(Fault::new(workload.at("/metadata/name"), message))
        }
        None => Answer::about(around.absent(Kind::PeerAuthentication), |()| {
            let message = "takes plain text beside the mesh's encryption (PERMISSIVE)";
            Answer::fails(Fault::new(workload.at("/metadata/name"), message))
        }),
    }
}
