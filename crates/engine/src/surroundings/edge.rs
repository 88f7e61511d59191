//! How traffic from outside reaches a workload.

use super::{Seen, Surroundings};
use crate::object::{
    Kind, Workload,
    edge::{Gateway, HttpRoute, Ingress, Listener, ParentReference},
    namespaced::Service,
};

/// One way from outside to a workload.
#[derive(Clone, Debug)]
pub enum Entrance<'a> {
    /// An Ingress that leads to one of its Services.
    Ingress(&'a Ingress),
    /// An HTTPRoute that leads to one of its Services.
    Route {
        /// The route.
        route: &'a HttpRoute,
        /// The listeners of the Gateways it hangs on, with their Gateway; those of Gateways that were
        /// not seen are missing, and `unseen` says why.
        listeners: Vec<(&'a Gateway, &'a Listener)>,
        /// Why a Gateway was not seen, where one was not.
        unseen: Option<String>,
    },
}

impl<'a> Surroundings<'a> {
    /// The ways from outside to a workload, through Services that select it.
    pub fn entrances(&self, workload: &Workload) -> Seen<Vec<Entrance<'a>>> {
        let services = match self.services(workload) {
            Seen::Known(services) => services,
            Seen::NotSeen(why) => return Seen::NotSeen(why),
        };
        let found: Vec<_> = self
            .ingresses_to(&services)
            .chain(self.routes_to(&services))
            .collect();
        match self.found(Kind::Ingress, found) {
            Seen::Known(found) => self.found(Kind::HttpRoute, found),
            not_seen @ Seen::NotSeen(_) => not_seen,
        }
    }

    fn ingresses_to(&self, services: &[&'a Service]) -> impl Iterator<Item = Entrance<'a>> {
        self.each::<Ingress>()
            .filter(|ingress| ingress.services().any(|name| is_among(services, name)))
            .map(Entrance::Ingress)
    }

    fn routes_to(&self, services: &[&'a Service]) -> impl Iterator<Item = Entrance<'a>> {
        self.each::<HttpRoute>()
            .filter(|route| route.services().any(|name| is_among(services, name)))
            .map(|route| self.route(route))
    }

    fn route(&self, route: &'a HttpRoute) -> Entrance<'a> {
        let mut listeners = Vec::new();
        let mut unseen = None;
        let gateways = route
            .spec
            .parent_refs
            .iter()
            .filter(|parent| parent.kind.as_deref().unwrap_or("Gateway") == "Gateway");
        for parent in gateways {
            match self.gateway(parent, &route.metadata.namespace) {
                Seen::Known(gateway) => listeners.extend(
                    gateway
                        .iter()
                        .flat_map(|gateway| {
                            gateway
                                .spec
                                .listeners
                                .iter()
                                .map(|listener| (*gateway, listener))
                        })
                        .filter(|(_, listener)| is_meant(parent, listener)),
                ),
                Seen::NotSeen(why) => unseen = Some(why),
            }
        }
        Entrance::Route {
            route,
            listeners,
            unseen,
        }
    }

    fn gateway(&self, parent: &ParentReference, own: &str) -> Seen<Option<&'a Gateway>> {
        let namespace = parent.namespace.as_deref().unwrap_or(own);
        self.at(namespace, &parent.name)
    }
}

fn is_among(services: &[&Service], name: &str) -> bool {
    services.iter().any(|service| service.metadata.name == name)
}

fn is_meant(parent: &ParentReference, listener: &Listener) -> bool {
    parent
        .section_name
        .as_ref()
        .is_none_or(|name| *name == listener.name)
        && parent.port.is_none_or(|port| port == listener.port)
}
