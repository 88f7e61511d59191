//! What is done at the ways from outside to a workload: by annotations of the usual controllers, by filters of
//! routes, and by policies that are attached to them.

use crate::{
    check::{Answer, Asked, Fault},
    object::{
        edge::{HttpRoute, Ingress},
        edge_policy::{
            BackendTrafficPolicy, BackendTrafficSpec, Middleware, SecurityPolicy, SecuritySpec,
        },
        resource::Surrounding as _,
    },
    surroundings::{Entrance, Surroundings},
};

/// One way from outside to a workload, with what is around it.
#[derive(Clone, Copy, Debug)]
pub struct Edge<'e, 'a> {
    entrance: &'e Entrance<'a>,
    around: Surroundings<'a>,
}

/// Annotation of Traefik that names middlewares, as `namespace-name@kubernetescrd`.
const MIDDLEWARES: &str = "traefik.ingress.kubernetes.io/router.middlewares";

impl<'a> Edge<'_, 'a> {
    /// `Ingress shop` or `HTTPRoute shop`.
    pub fn title(&self) -> String {
        match self.entrance {
            Entrance::Ingress(ingress) => format!("Ingress {}", ingress.metadata.name),
            Entrance::Route { route, .. } => format!("HTTPRoute {}", route.metadata.name),
        }
    }

    /// The Ingress, where it is one.
    pub fn ingress(&self) -> Option<&'a Ingress> {
        match self.entrance {
            Entrance::Ingress(ingress) => Some(ingress),
            Entrance::Route { .. } => None,
        }
    }

    /// The route, where it is one.
    pub fn route(&self) -> Option<&'a HttpRoute> {
        match self.entrance {
            Entrance::Ingress(_) => None,
            Entrance::Route { route, .. } => Some(route),
        }
    }

    /// The value of the first of some annotations that is there.
    pub fn annotation(&self, keys: &[&str]) -> Option<&'a str> {
        let metadata = match self.entrance {
            Entrance::Ingress(ingress) => ingress.metadata(),
            Entrance::Route { route, .. } => route.metadata(),
        };
        let found = keys.iter().find_map(|key| metadata.annotations.get(*key));
        found.map(String::as_str)
    }

    /// Whether one of Traefik's middlewares of this kind is put before it.
    pub fn middleware(&self, kind: &str) -> bool {
        let by_annotation = self.annotation(&[MIDDLEWARES]).unwrap_or_default();
        let mut named = by_annotation.split(',').map(str::trim);
        let of_kind = |middleware: &Middleware| middleware.spec.contains_key(kind);
        let mut all = self.around.everywhere::<Middleware>();
        let found = named.any(|name| {
            let mut known = self.around.everywhere::<Middleware>();
            known.any(|one| {
                let metadata = &one.metadata;
                let full = format!("{}-{}@kubernetescrd", metadata.namespace, metadata.name);
                full == name && of_kind(one)
            })
        });
        found
            || self.route().is_some_and(|route| {
                all.any(|one| of_kind(one) && refers_to(route, "Middleware", &one.metadata.name))
            })
    }

    /// Whether a filter of the route refers to an object of this kind.
    pub fn extension(&self, kind: &str) -> bool {
        self.route().is_some_and(|route| {
            let filters = route.spec.rules.iter().flat_map(|rule| &rule.filters);
            let mut references = filters.filter_map(|filter| filter.extension_ref.as_ref());
            references.any(|reference| reference.kind.as_deref() == Some(kind))
        })
    }

    /// Whether a BackendTrafficPolicy of Envoy Gateway for the route, or for its Gateway, sets something.
    pub fn traffic_policy(&self, sets: impl Fn(&BackendTrafficSpec) -> bool) -> bool {
        let mut policies = self.around.each::<BackendTrafficPolicy>();
        policies.any(|policy| {
            let spec = &policy.spec;
            let mut targets = spec.target_ref.iter().chain(&spec.target_refs);
            sets(spec) && targets.any(|target| self.is_target(&target.kind, &target.name))
        })
    }

    /// Whether a SecurityPolicy of Envoy Gateway for the route, or for its Gateway, sets something.
    pub fn security_policy(&self, sets: impl Fn(&SecuritySpec) -> bool) -> bool {
        let mut policies = self.around.each::<SecurityPolicy>();
        policies.any(|policy| {
            let spec = &policy.spec;
            let mut targets = spec.target_ref.iter().chain(&spec.target_refs);
            sets(spec) && targets.any(|target| self.is_target(&target.kind, &target.name))
        })
    }

    fn is_target(&self, kind: &str, name: &str) -> bool {
        self.route().is_some_and(|route| match kind {
            "HTTPRoute" => route.metadata.name == name,
            "Gateway" => route
                .spec
                .parent_refs
                .iter()
                .any(|parent| parent.name == name),
            _ => false,
        })
    }
}

fn refers_to(route: &HttpRoute, kind: &str, name: &str) -> bool {
    let filters = route.spec.rules.iter().flat_map(|rule| &rule.filters);
    let mut references = filters.filter_map(|filter| filter.extension_ref.as_ref());
    references.any(|reference| reference.kind.as_deref() == Some(kind) && reference.name == name)
}

/// A fault for each way from outside of which something is said; a workload that nobody reaches from outside is not
/// asked.
pub fn each_edge(asked: &Asked<'_>, wrong: impl Fn(Edge<'_, '_>) -> Option<Fault>) -> Answer {
    Answer::about(asked.entrances(), |entrances| {
        if entrances.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = entrances.iter().filter_map(|entrance| {
            wrong(Edge {
                entrance,
                around: asked.surroundings,
            })
        });
        Answer::from_faults(faults.collect())
    })
}

/// A fault for each way from outside that lacks something.
pub fn lacking(asked: &Asked<'_>, message: &str, has: impl Fn(Edge<'_, '_>) -> bool) -> Answer {
    each_edge(asked, |edge| {
        (!has(edge)).then(|| {
            let at = asked.workload.at("/metadata/name");
            Fault::new(at, format!("{} {message}", edge.title()))
        })
    })
}
