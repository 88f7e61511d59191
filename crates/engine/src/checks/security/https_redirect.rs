//! https-redirect: who comes by plain HTTP is sent to HTTPS and gets nothing else.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, edge::Ingress},
    surroundings::Entrance,
};

pub(super) const CHECK: Check = Check {
    id: "https-redirect",
    title: "Plain HTTP served beside HTTPS",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An Ingress or HTTPRoute that leads to the workload has TLS, and serves the same by plain HTTP without sending browsers on to HTTPS.",
        root_cause: "Most controllers open port 80 beside 443, and not all of them redirect by themselves.",
        scenario: "A user follows an old link with http in it, signs in, and the session cookie goes through the network in plain text.",
        impact: "The certificate protects only those who ask for it.",
        fix: "Have the controller redirect (for ingress-nginx ssl-redirect, for AWS ssl-redirect: '443', for Traefik the entry point websecure alone), or let the HTTPRoute hang on the HTTPS listener alone beside one that redirects.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
        "https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/",
    ],
    covers: Covers {
        audit_rows: &[3],
        peers: &["kyverno:require-ingress-https", "gatekeeper:httpsonly"],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::Ingress, Kind::HttpRoute, Kind::Gateway],
    ask: Ask::Surroundings(ask),
};

/// What becomes of plain HTTP at one way in.
enum Plain {
    /// It is redirected, or nobody listens.
    Redirected,
    /// It is served, with the words for it.
    Served(String),
    /// There is no TLS to redirect to: that is another check's business.
    WithoutTls,
    /// It cannot be told.
    NotSeen(String),
}

fn ask(asked: &Asked<'_>) -> Answer {
    Answer::about(asked.entrances(), |entrances| {
        let mut faults = Vec::new();
        let mut not_seen = None;
        let mut applies = false;
        for entrance in entrances {
            let plain = match &entrance {
                Entrance::Ingress(ingress) => at_ingress(ingress),
                Entrance::Route { .. } => at_route(entrance),
            };
            applies |= !matches!(plain, Plain::WithoutTls);
            match plain {
                Plain::Served(message) => {
                    faults.push(Fault::new(asked.workload.at("/metadata/name"), message));
                }
                Plain::NotSeen(why) => not_seen = not_seen.or(Some(why)),
                Plain::Redirected | Plain::WithoutTls => {}
            }
        }
        match not_seen {
            _ if !applies => Answer::DoesNotApply,
            Some(why) if faults.is_empty() => Answer::Unknown(why),
            _ => Answer::from_faults(faults),
        }
    })
}

fn at_route(entrance: &Entrance<'_>) -> Plain {
    let Entrance::Route {
        route,
        listeners,
        unseen,
    } = entrance
    else {
        return Plain::WithoutTls;
    };
    let plain = listeners
        .iter()
        .find(|(_, listener)| !listener.is_encrypted());
    let encrypted = listeners
        .iter()
        .any(|(_, listener)| listener.is_encrypted());
    match (plain, unseen) {
        (_, Some(why)) => Plain::NotSeen(why.clone()),
        (_, None) if !encrypted => Plain::WithoutTls,
        (None, None) => Plain::Redirected,
        (Some((gateway, listener)), None) => Plain::Served(format!(
            "is served by HTTPRoute {} on listener {} of Gateway {} too, which speaks {} without TLS",
            route.metadata.name, listener.name, gateway.metadata.name, listener.protocol
        )),
    }
}

/// A controller of Ingresses and how it is told to redirect.
struct Controller {
    /// How its class or its annotations begin.
    class: &'static str,
    annotations: &'static str,
    /// What it does where no annotation speaks.
    by_default: ByDefault,
    /// Annotations that make it redirect, with the values that do; no value: any.
    redirects: &'static [(&'static str, Option<&'static str>)],
    /// Annotations that make it serve plain HTTP, with the values that do.
    serves: &'static [(&'static str, &'static str)],
}

/// What a controller does by itself with plain HTTP for a host with TLS.
enum ByDefault {
    Redirects,
    Serves,
    /// Its own configuration decides, which is in no object.
    Configured,
}

/// Sources: the documentation of annotations of ingress-nginx, F5 NGINX Ingress Controller, HAProxy Kubernetes
/// Ingress Controller, haproxy-ingress, Traefik, AWS Load Balancer Controller, GKE Ingress, Application Gateway
/// Ingress Controller, Kong Ingress Controller and Contour.
const CONTROLLERS: [Controller; 9] = [
    Controller {
        class: "nginx",
        annotations: "nginx.ingress.kubernetes.io/",
        by_default: ByDefault::Redirects,
        redirects: &[(
            "nginx.ingress.kubernetes.io/force-ssl-redirect",
            Some("true"),
        )],
        serves: &[("nginx.ingress.kubernetes.io/ssl-redirect", "false")],
    },
    Controller {
        class: "nginx",
        annotations: "nginx.org/",
        by_default: ByDefault::Redirects,
        redirects: &[("nginx.org/redirect-to-https", Some("true"))],
        serves: &[("ingress.kubernetes.io/ssl-redirect", "false")],
    },
    Controller {
        class: "haproxy",
        annotations: "haproxy",
        by_default: ByDefault::Redirects,
        redirects: &[],
        serves: &[
            ("haproxy.org/ssl-redirect", "false"),
            ("haproxy-ingress.github.io/ssl-redirect", "false"),
        ],
    },
    Controller {
        class: "traefik",
        annotations: "traefik.ingress.kubernetes.io/",
        by_default: ByDefault::Configured,
        redirects: &[(
            "traefik.ingress.kubernetes.io/router.entrypoints",
            Some("websecure"),
        )],
        serves: &[],
    },
    Controller {
        class: "alb",
        annotations: "alb.ingress.kubernetes.io/",
        by_default: ByDefault::Redirects,
        redirects: &[
            ("alb.ingress.kubernetes.io/ssl-redirect", None),
            ("alb.ingress.kubernetes.io/actions.ssl-redirect", None),
        ],
        serves: &[],
    },
    Controller {
        class: "gce",
        annotations: "kubernetes.io/ingress.allow-http",
        by_default: ByDefault::Serves,
        redirects: &[("kubernetes.io/ingress.allow-http", Some("false"))],
        serves: &[],
    },
    Controller {
        class: "azure",
        annotations: "appgw.ingress.kubernetes.io/",
        by_default: ByDefault::Serves,
        redirects: &[("appgw.ingress.kubernetes.io/ssl-redirect", Some("true"))],
        serves: &[],
    },
    Controller {
        class: "kong",
        annotations: "konghq.com/",
        by_default: ByDefault::Serves,
        redirects: &[
            ("konghq.com/https-redirect-status-code", None),
            ("konghq.com/protocols", Some("https")),
        ],
        serves: &[],
    },
    Controller {
        class: "contour",
        annotations: "projectcontour.io/",
        by_default: ByDefault::Serves,
        redirects: &[("ingress.kubernetes.io/force-ssl-redirect", Some("true"))],
        serves: &[],
    },
];

/// The frontend of GKE's load balancer, whose FrontendConfig may redirect.
const FRONTEND_CONFIG: &str = "networking.gke.io/v1beta1.FrontendConfig";

/// The listeners of AWS' load balancer, as JSON. Without it a certificate means HTTPS alone.
const LISTEN_PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";

fn at_ingress(ingress: &Ingress) -> Plain {
    let annotations = &ingress.metadata.annotations;
    let name = &ingress.metadata.name;
    let by_annotation = annotations.contains_key("alb.ingress.kubernetes.io/certificate-arn")
        || annotations.contains_key("networking.gke.io/managed-certificates");
    if ingress.spec.tls.is_empty() && !by_annotation {
        return Plain::WithoutTls;
    }
    let Some(controller) = controller(ingress) else {
        return Plain::NotSeen(format!(
            "Ingress {name} does not say which controller serves it, or is of one whose ways are not known"
        ));
    };
    let is = |key: &str, value: Option<&str>| {
        let found = annotations.get(key);
        found.is_some_and(|found| value.is_none_or(|value| value.eq_ignore_ascii_case(found)))
    };
    if controller
        .redirects
        .iter()
        .any(|(key, value)| is(key, *value))
    {
        return Plain::Redirected;
    }
    if let Some((key, value)) = controller
        .serves
        .iter()
        .find(|(key, value)| is(key, Some(value)))
    {
        return Plain::Served(format!(
            "is served by Ingress {name} by plain HTTP too ({key}: {value})"
        ));
    }
    if annotations.contains_key(FRONTEND_CONFIG) {
        return Plain::NotSeen(format!("the FrontendConfig of Ingress {name} was not seen"));
    }
    if annotations
        .get(LISTEN_PORTS)
        .is_some_and(|ports| ports.contains("\"HTTP\""))
    {
        return Plain::Served(format!(
            "is served by Ingress {name} by plain HTTP too ({LISTEN_PORTS} has an HTTP port, and ssl-redirect is not set)"
        ));
    }
    match controller.by_default {
        ByDefault::Redirects => Plain::Redirected,
        ByDefault::Serves => Plain::Served(format!(
            "is served by Ingress {name} by plain HTTP too, for nothing tells its controller {} to redirect",
            controller.class
        )),
        ByDefault::Configured => Plain::NotSeen(format!(
            "whether {} redirects for Ingress {name} is in its own configuration",
            controller.class
        )),
    }
}

/// The controller by the annotations that only it reads, else by what its class is called.
fn controller(ingress: &Ingress) -> Option<&'static Controller> {
    let annotations = &ingress.metadata.annotations;
    let class = ingress.spec.ingress_class_name.as_deref().or_else(|| {
        annotations
            .get("kubernetes.io/ingress.class")
            .map(String::as_str)
    });
    let by_annotation = CONTROLLERS.iter().find(|controller| {
        annotations
            .keys()
            .any(|key| key.starts_with(controller.annotations))
    });
    by_annotation.or_else(|| {
        let class = class?;
        CONTROLLERS
            .iter()
            .find(|controller| class.contains(controller.class))
    })
}
