//! cors-wildcard: browsers of other sites get nothing.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::switched_on,
    object::{Kind, edge::Ingress, edge_policy::SecurityPolicy},
    surroundings::Entrance,
};

pub(super) const CHECK: Check = Check {
    id: "cors-wildcard",
    title: "CORS open to every origin",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An environment variable about CORS allows the origin *; or an Ingress that leads to the workload turns CORS on with the annotations of ingress-nginx and allows every origin, which is the default there; or a SecurityPolicy of Envoy Gateway does so. With credentials it is worse.",
        root_cause: "The error in the browser's console went away with a star.",
        scenario: "A page that a signed-in user visits reads their data from the API, with their session.",
        impact: "Data of users leak through their own browsers.",
        fix: "Name the origins that the front end is served from.",
    },
    links: &[
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/CORS",
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-cors",
    ],
    covers: Covers {
        audit_rows: &[40],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::ConfigMap,
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::SecurityPolicy,
    ],
    ask: Ask::Workload(ask),
};

const NGINX: &str = "nginx.ingress.kubernetes.io/";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let mut faults = Vec::new();
    for container in workload.planned_containers() {
        let open = asked.variables(&container).iter().filter(|variable| {
            let opens = variable.value.contains('*') || switched_on(variable.value);
            if !opens {
                return false;
            }
            let name = variable.name.to_ascii_uppercase();
            let about = name.contains("CORS") || name.contains("ALLOW_ORIGIN");
            let origins = name.contains("ORIGIN") || name.ends_with("CORS");
            let all = name.contains("ALLOW_ALL") || name.contains("ORIGIN_ALL");
            let star = variable
                .value
                .split([',', ' '])
                .any(|part| part.trim_matches(['"', '[', ']']) == "*");
            about && (origins && star || all && switched_on(variable.value))
        });
        faults.extend(open.map(|variable| {
            let message = format!(
                "allows every origin by CORS ({}: {})",
                variable.title(),
                variable.value
            );
            Fault::in_container_at(&container, variable.pointer(), message)
        }));
    }
    let entrances = asked.entrances().known().unwrap_or_default();
    let at = || workload.at("/metadata/name");
    for entrance in entrances {
        if let Entrance::Ingress(ingress) = entrance {
            faults.extend(
                of_ingress(ingress)
                    .map(|(message, severity)| Fault::new(at(), message).severity(severity)),
            );
        }
    }
    for policy in around.each::<SecurityPolicy>() {
        let targets = policy
            .spec
            .target_ref
            .iter()
            .chain(&policy.spec.target_refs);
        let mut targets = targets.filter(|target| target.kind == "HTTPRoute");
        let meant = targets.any(|target| leads(entrances, &target.name));
        let cors = policy.spec.cors.as_ref();
        if meant && cors.is_some_and(|cors| cors.allow_origins.iter().any(|origin| origin == "*")) {
            let message = format!(
                "SecurityPolicy {} allows every origin by CORS",
                policy.metadata.name
            );
            faults.push(Fault::new(at(), message));
        }
    }
    Answer::from_faults(faults)
}

fn leads(entrances: &[Entrance<'_>], route: &str) -> bool {
    entrances.iter().any(|entrance| match entrance {
        Entrance::Route { route: own, .. } => own.metadata.name == route,
        Entrance::Ingress(_) => false,
    })
}

fn of_ingress(ingress: &Ingress) -> Option<(String, Severity)> {
    let say = |key: &str| ingress.metadata.annotations.get(&format!("{NGINX}{key}"));
    let on = say("enable-cors").is_some_and(|value| switched_on(value));
    let origins = say("cors-allow-origin").map_or("*", String::as_str);
    let all = origins.split(',').any(|origin| origin.trim() == "*");
    // ingress-nginx lets credentials through unless told otherwise.
    let credentials = say("cors-allow-credentials").is_none_or(|value| switched_on(value));
    (on && all).then(|| {
        let name = &ingress.metadata.name;
        if credentials {
            let message = format!("Ingress {name} allows every origin by CORS, with credentials");
            (message, Severity::Critical)
        } else {
            (
                format!("Ingress {name} allows every origin by CORS"),
                Severity::High,
            )
        }
    })
}
