//! dangling-route: every route leads somewhere.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind, Pointer,
        edge::{BackendReference, Gateway, GrpcRoute, HttpRoute},
        namespaced::Service,
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "dangling-route",
    title: "Route to a Service or Gateway that is missing",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "An HTTPRoute or GRPCRoute names a Service of its namespace that does not exist or has no such port, or hangs on a Gateway that does not exist.",
        root_cause: "The Service was renamed, or the Gateway was moved to another namespace.",
        scenario: "Users get 500 from the Gateway, or the host is not served at all.",
        impact: "The site is down, and every pod is healthy.",
        fix: "Name the Service and one of its ports; name the Gateway with its namespace.",
    },
    links: &["https://gateway-api.sigs.k8s.io/api-types/httproute/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:407",
            "popeye:1106",
            "kubescape:C-0302",
            "kor:gateway",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::HttpRoute,
        Kind::GrpcRoute,
        Kind::Gateway,
        Kind::Service,
    ],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    let own = around.namespace();
    let http = around.each::<HttpRoute>().map(|route| (Some(route), None));
    let grpc = around.each::<GrpcRoute>().map(|route| (None, Some(route)));
    let mut faults = Vec::new();
    let mut unseen = None;
    let mut any = false;
    for (http, grpc) in http.chain(grpc) {
        let Some(spec) = http
            .map(|route| &route.spec)
            .or(grpc.map(|route| &route.spec))
        else {
            continue;
        };
        any = true;
        let mut wrong = Vec::new();
        for backend in spec.rules.iter().flat_map(|rule| &rule.backend_refs) {
            let of_own = backend
                .namespace
                .as_deref()
                .is_none_or(|namespace| namespace == own);
            if of_own && backend.kind.as_deref().unwrap_or("Service") == "Service" {
                match around.named::<Service>(&backend.name) {
                    Seen::Known(service) => wrong.extend(of_backend(backend, service)),
                    Seen::NotSeen(why) => unseen = Some(why),
                }
            }
        }
        for parent in &spec.parent_refs {
            if parent.kind.as_deref().unwrap_or("Gateway") != "Gateway" {
                continue;
            }
            let namespace = parent.namespace.as_deref().unwrap_or(own);
            match around.at::<Gateway>(namespace, &parent.name) {
                Seen::Known(Some(_)) => {}
                Seen::Known(None) => {
                    wrong.push(format!(
                        "hangs on Gateway {namespace}/{}, which there is not",
                        parent.name
                    ));
                }
                Seen::NotSeen(why) => unseen = Some(why),
            }
        }
        faults.extend(wrong.into_iter().map(|why| match (http, grpc) {
            (Some(route), _) => Fault::in_object(
                route,
                "/spec",
                format!("HTTPRoute {} {why}", route.metadata.name),
            ),
            (_, Some(route)) => Fault::in_object(
                route,
                "/spec",
                format!("GRPCRoute {} {why}", route.metadata.name),
            ),
            (None, None) => Fault::new(Pointer::root(), why),
        }));
    }
    match unseen {
        Some(why) if faults.is_empty() => Answer::Unknown(why),
        _ if any => Answer::from_faults(faults),
        _ => Answer::DoesNotApply,
    }
}

fn of_backend(backend: &BackendReference, service: Option<&Service>) -> Option<String> {
    let name = &backend.name;
    let Some(service) = service else {
        return Some(format!("leads to Service {name}, which there is not"));
    };
    let port = backend.port?;
    let known = service.spec.ports.iter().any(|own| own.port == port);
    (!known).then(|| format!("leads to port {port} of Service {name}, which has none"))
}
