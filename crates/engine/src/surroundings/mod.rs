//! What stands around a workload: everything that judging knows, by namespace.

mod autoscaling;
mod configuration;
mod disruption;
mod edge;
mod limits;
mod seen;
mod services;

use std::{collections::BTreeMap, sync::Arc};

pub use autoscaling::Autoscaling;
pub use edge::Entrance;
pub use seen::{Completeness, Seen};

use crate::{
    api::vocabulary::WorkloadKind,
    object::{
        Kind, Resource, Workload,
        autoscaler::{HorizontalPodAutoscaler, ScaledObject},
        edge::{Gateway, HttpRoute, Ingress},
        metadata::Labels,
        namespaced::{ConfigMap, LimitRange, Namespace, PodDisruptionBudget, Service},
        resource::Known,
    },
};

/// Objects of one kind by name.
pub type ByName<T> = BTreeMap<Box<str>, Arc<T>>;

/// Everything that judging knows. Cheap to copy: a copy shares every namespace with the original until
/// one of them changes it.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    namespaces: BTreeMap<Box<str>, Arc<NamespaceObjects>>,
    completeness: Completeness,
}

/// What is known of one namespace.
#[derive(Clone, Debug, Default)]
pub struct NamespaceObjects {
    /// The Namespace itself, where it is known.
    pub namespace: Option<Arc<Namespace>>,
    /// The workloads.
    pub workloads: BTreeMap<(WorkloadKind, Box<str>), Arc<Workload>>,
    services: ByName<Service>,
    config_maps: ByName<ConfigMap>,
    limit_ranges: ByName<LimitRange>,
    budgets: ByName<PodDisruptionBudget>,
    scalers: ByName<HorizontalPodAutoscaler>,
    scaled_objects: ByName<ScaledObject>,
    ingresses: ByName<Ingress>,
    gateways: ByName<Gateway>,
    routes: ByName<HttpRoute>,
}

impl Cluster {
    /// Nothing yet, with what the absence of an object will mean.
    pub fn new(completeness: Completeness) -> Self {
        Self {
            namespaces: BTreeMap::new(),
            completeness,
        }
    }

    /// Changes what the absence of an object means.
    pub fn set_completeness(&mut self, completeness: Completeness) {
        self.completeness = completeness;
    }

    /// What the absence of an object means.
    pub fn completeness(&self) -> &Completeness {
        &self.completeness
    }

    /// Puts an object in, in the place of an older one of the same kind and name.
    pub fn insert(&mut self, resource: Resource) {
        let metadata = resource.metadata();
        let name: Box<str> = metadata.name.as_str().into();
        if let Resource::Namespace(namespace) = resource {
            self.entry(&name).namespace = Some(Arc::new(namespace));
            return;
        }
        let namespace = metadata.namespace.clone();
        let objects = self.entry(&namespace);
        match resource {
            Resource::Workload(workload) => {
                let key = (workload.kind, workload.name().into());
                objects.workloads.insert(key, Arc::from(workload));
            }
            Resource::Namespace(_) => {}
            Resource::Service(object) => put(&mut objects.services, name, object),
            Resource::ConfigMap(object) => put(&mut objects.config_maps, name, object),
            Resource::LimitRange(object) => put(&mut objects.limit_ranges, name, object),
            Resource::PodDisruptionBudget(object) => put(&mut objects.budgets, name, object),
            Resource::HorizontalPodAutoscaler(object) => put(&mut objects.scalers, name, object),
            Resource::ScaledObject(object) => put(&mut objects.scaled_objects, name, object),
            Resource::Ingress(object) => put(&mut objects.ingresses, name, object),
            Resource::Gateway(object) => put(&mut objects.gateways, name, object),
            Resource::HttpRoute(object) => put(&mut objects.routes, name, object),
        }
    }

    /// Whether exactly this object is in, so that putting it in again would change nothing.
    pub fn holds(&self, resource: &Resource) -> bool {
        let metadata = resource.metadata();
        let name = metadata.name.as_str();
        let of = |namespace: &str| self.namespaces.get(namespace).map(Arc::as_ref);
        if let Resource::Namespace(namespace) = resource {
            let found = of(name).and_then(|objects| objects.namespace.as_deref());
            return found == Some(namespace);
        }
        of(&metadata.namespace).is_some_and(|objects| objects.holds(resource, name))
    }

    /// Takes an object out, and the namespace with it once nothing of it is left.
    pub fn remove(&mut self, known: Known, namespace: &str, name: &str) {
        let namespace = if known == Known::Surrounding(Kind::Namespace) {
            name
        } else {
            namespace
        };
        let Some(objects) = self.namespaces.get_mut(namespace) else {
            return;
        };
        let objects = Arc::make_mut(objects);
        match known {
            Known::Workload(kind) => drop(objects.workloads.remove(&(kind, name.into()))),
            Known::Surrounding(kind) => objects.remove(kind, name),
        }
        if objects.is_empty() {
            self.namespaces.remove(namespace);
        }
    }

    /// Takes all objects of a kind out, as when its CustomResourceDefinition goes.
    pub fn remove_all(&mut self, known: Known) {
        let names: Vec<(Box<str>, Vec<Box<str>>)> = self
            .namespaces
            .iter()
            .map(|(namespace, objects)| (namespace.clone(), objects.names(known)))
            .filter(|(_, names)| !names.is_empty())
            .collect();
        for (namespace, names) in names {
            for name in names {
                self.remove(known, &namespace, &name);
            }
        }
    }

    /// The namespaces of which anything is known, by name.
    pub fn namespaces(&self) -> impl Iterator<Item = (&str, &Arc<NamespaceObjects>)> {
        self.namespaces
            .iter()
            .map(|(name, objects)| (name.as_ref(), objects))
    }

    /// What is known of a namespace.
    pub fn namespace(&self, name: &str) -> Option<&Arc<NamespaceObjects>> {
        self.namespaces.get(name)
    }

    /// What stands around the workloads of a namespace.
    pub fn around(&self, namespace: &str) -> Surroundings<'_> {
        Surroundings {
            cluster: self,
            objects: self.namespaces.get(namespace).map(Arc::as_ref),
        }
    }

    /// A workload by kind and name.
    pub fn workload(
        &self,
        kind: WorkloadKind,
        namespace: &str,
        name: &str,
    ) -> Option<&Arc<Workload>> {
        self.namespaces
            .get(namespace)?
            .workloads
            .get(&(kind, name.into()))
    }

    fn entry(&mut self, namespace: &str) -> &mut NamespaceObjects {
        Arc::make_mut(self.namespaces.entry(namespace.into()).or_default())
    }
}

fn put<T>(objects: &mut ByName<T>, name: Box<str>, object: T) {
    objects.insert(name, Arc::new(object));
}

fn has<T: PartialEq>(objects: &ByName<T>, name: &str, object: &T) -> bool {
    objects.get(name).is_some_and(|found| **found == *object)
}

impl NamespaceObjects {
    fn holds(&self, resource: &Resource, name: &str) -> bool {
        match resource {
            Resource::Workload(workload) => self
                .workloads
                .get(&(workload.kind, workload.name().into()))
                .is_some_and(|found| **found == **workload),
            Resource::Namespace(namespace) => self.namespace.as_deref() == Some(namespace),
            Resource::Service(object) => has(&self.services, name, object),
            Resource::ConfigMap(object) => has(&self.config_maps, name, object),
            Resource::LimitRange(object) => has(&self.limit_ranges, name, object),
            Resource::PodDisruptionBudget(object) => has(&self.budgets, name, object),
            Resource::HorizontalPodAutoscaler(object) => has(&self.scalers, name, object),
            Resource::ScaledObject(object) => has(&self.scaled_objects, name, object),
            Resource::Ingress(object) => has(&self.ingresses, name, object),
            Resource::Gateway(object) => has(&self.gateways, name, object),
            Resource::HttpRoute(object) => has(&self.routes, name, object),
        }
    }

    fn remove(&mut self, kind: Kind, name: &str) {
        match kind {
            Kind::Namespace => self.namespace = None,
            Kind::Service => drop(self.services.remove(name)),
            Kind::ConfigMap => drop(self.config_maps.remove(name)),
            Kind::LimitRange => drop(self.limit_ranges.remove(name)),
            Kind::PodDisruptionBudget => drop(self.budgets.remove(name)),
            Kind::HorizontalPodAutoscaler => drop(self.scalers.remove(name)),
            Kind::ScaledObject => drop(self.scaled_objects.remove(name)),
            Kind::Ingress => drop(self.ingresses.remove(name)),
            Kind::Gateway => drop(self.gateways.remove(name)),
            Kind::HttpRoute => drop(self.routes.remove(name)),
        }
    }

    fn names(&self, known: Known) -> Vec<Box<str>> {
        let kind = match known {
            Known::Workload(kind) => {
                let keys = self.workloads.keys().filter(|(own, _)| *own == kind);
                return keys.map(|(_, name)| name.clone()).collect();
            }
            Known::Surrounding(kind) => kind,
        };
        match kind {
            Kind::Namespace => self
                .namespace
                .iter()
                .map(|object| object.metadata.name.as_str().into())
                .collect(),
            Kind::Service => self.services.keys().cloned().collect(),
            Kind::ConfigMap => self.config_maps.keys().cloned().collect(),
            Kind::LimitRange => self.limit_ranges.keys().cloned().collect(),
            Kind::PodDisruptionBudget => self.budgets.keys().cloned().collect(),
            Kind::HorizontalPodAutoscaler => self.scalers.keys().cloned().collect(),
            Kind::ScaledObject => self.scaled_objects.keys().cloned().collect(),
            Kind::Ingress => self.ingresses.keys().cloned().collect(),
            Kind::Gateway => self.gateways.keys().cloned().collect(),
            Kind::HttpRoute => self.routes.keys().cloned().collect(),
        }
    }

    fn is_empty(&self) -> bool {
        let Self {
            namespace,
            workloads,
            services,
            config_maps,
            limit_ranges,
            budgets,
            scalers,
            scaled_objects,
            ingresses,
            gateways,
            routes,
        } = self;
        namespace.is_none()
            && workloads.is_empty()
            && services.is_empty()
            && config_maps.is_empty()
            && limit_ranges.is_empty()
            && budgets.is_empty()
            && scalers.is_empty()
            && scaled_objects.is_empty()
            && ingresses.is_empty()
            && gateways.is_empty()
            && routes.is_empty()
    }
}

/// What stands around the workloads of one namespace. Every question about something that may be
/// elsewhere is answered with [`Seen`].
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    cluster: &'a Cluster,
    objects: Option<&'a NamespaceObjects>,
}

impl<'a> Surroundings<'a> {
    /// The labels of the namespace itself.
    pub fn namespace_labels(&self) -> Seen<&'a Labels> {
        let found = self
            .objects
            .and_then(|objects| objects.namespace.as_deref());
        match found {
            Some(namespace) => Seen::Known(&namespace.metadata.labels),
            None => Seen::NotSeen(self.cluster.completeness.why(Kind::Namespace)),
        }
    }

    /// What was found of a kind; where nothing was, whether that says that there is nothing.
    fn found<T>(&self, kind: Kind, found: Vec<T>) -> Seen<Vec<T>> {
        if found.is_empty() {
            self.cluster.completeness.absent(kind).map(|()| found)
        } else {
            Seen::Known(found)
        }
    }
}
