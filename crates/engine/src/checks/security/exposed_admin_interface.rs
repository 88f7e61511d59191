//! exposed-admin-interface: consoles stay inside.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    edge::each_edge,
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "exposed-admin-interface",
    title: "Console or debug port open to the outside",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A way from outside leads to a workload that is known as a console (Kubernetes Dashboard, Prometheus, Alertmanager, Kibana, phpMyAdmin, Adminer, Redis Commander, Mongo Express, pgAdmin, Flower, Argo Workflows, Jenkins, Jupyter, Kubeflow, Airflow, Tiller and others), or to a path or port for debugging (/actuator, /debug/pprof, /metrics, 5005, 9010).",
        root_cause: "Somebody needed to look, and the way stayed open.",
        scenario: "Search engines list it within days, and scanners within hours.",
        impact: "Whoever finds it reads, changes or runs what they like.",
        fix: "Take the Ingress away and use kubectl port-forward, or put single sign-on before it.",
    },
    links: &["https://owasp.org/Top10/A05_2021-Security_Misconfiguration/"],
    covers: Covers {
        audit_rows: &[2],
        peers: &[
            "kubescape:C-0014",
            "kubescape:C-0021",
            "checkov:CKV_K8S_33",
            "kubescape:C-0274",
            "kubescape:C-0256",
            "kubescape:C-0266",
            "kics:Dashboard Is Enabled",
            "kics:Ingress Controller Exposes Workload",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::Middleware,
    ],
    ask: Ask::Surroundings(ask),
};

/// Images of consoles that do not ask who is there, or that nobody but an administrator needs.
const CONSOLES: [&str; 24] = [
    "dashboard",
    "kubernetes-dashboard",
    "dashboard-web",
    "prometheus",
    "alertmanager",
    "kibana",
    "phpmyadmin",
    "adminer",
    "redis-commander",
    "mongo-express",
    "pgadmin4",
    "flower",
    "argocli",
    "jenkins",
    "notebook",
    "airflow",
    "weave-scope",
    "scope",
    "portainer",
    "portainer-ce",
    "rabbitmq",
    "zipkin",
    "pushgateway",
    "tiller",
];

/// Ports of debuggers and of remote management.
const PORTS: [i64; 4] = [5005, 9010, 9229, 2345];

/// Paths that show what is inside.
const PATHS: [&str; 5] = ["/actuator", "/debug", "/metrics", "/phpmyadmin", "/jolokia"];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let console = workload
        .containers()
        .filter(Container::runs_for_ever)
        .find_map(|container| {
            let image = container.image();
            let base = image.base_name();
            CONSOLES.contains(&base).then(|| base.to_owned())
        });
    each_edge(asked, |edge| {
        let at = workload.at("/metadata/name");
        if edge.annotation(&GUARDS).is_some()
            || edge.middleware("forwardAuth")
            || edge.middleware("basicAuth")
        {
            return None;
        }
        if let Some(console) = &console {
            return Some(Fault::new(
                at,
                format!(
                    "{} leads to {console}, which is for administrators",
                    edge.title()
                ),
            ));
        }
        let ingress = edge.ingress()?;
        let backends = ingress.backends().filter_map(|service| service.port.number);
        if let Some(port) = backends.into_iter().find(|port| PORTS.contains(port)) {
            return Some(Fault::new(
                at,
                format!(
                    "{} leads to port {port}, which is for debugging",
                    edge.title()
                ),
            ));
        }
        let rules = ingress
            .spec
            .rules
            .iter()
            .filter_map(|rule| rule.http.as_ref());
        let mut paths = rules
            .flat_map(|http| &http.paths)
            .filter_map(|path| path.path.as_deref());
        let path = paths.find(|path| PATHS.iter().any(|known| path.starts_with(known)))?;
        Some(Fault::new(
            at,
            format!("{} opens {path} to the outside", edge.title()),
        ))
    })
}

/// Annotations by which controllers ask who is there.
const GUARDS: [&str; 5] = [
    "nginx.ingress.kubernetes.io/auth-url",
    "nginx.ingress.kubernetes.io/auth-type",
    "nginx.ingress.kubernetes.io/auth-tls-secret",
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "alb.ingress.kubernetes.io/auth-type",
];
