//! What stands around a workload: everything that judging knows, by namespace.

mod account;
mod autoscaling;
mod configuration;
mod disruption;
mod edge;
mod isolation;
mod limits;
mod seen;
mod services;

use std::{collections::BTreeMap, sync::Arc};

pub use account::{Grant, NamespaceEditor};
pub use autoscaling::Autoscaling;
pub use edge::Entrance;
pub use isolation::{Direction, Isolation};
pub use seen::{Completeness, Seen};

use crate::{
    api::vocabulary::WorkloadKind,
    object::{
        Kind, Resource, Workload,
        metadata::{Labels, Metadata},
        namespaced::Namespace,
        resource::{Known, Scope, Surrounding},
    },
};

/// Objects of one kind by name.
type ByName = BTreeMap<Box<str>, Arc<Resource>>;

/// Objects of one kind by namespace and name; the namespace of those that live in none is empty.
type ByPlace = BTreeMap<(Box<str>, Box<str>), Arc<Resource>>;

/// Everything that judging knows. Cheap to copy: a copy shares every namespace with the original until
/// one of them changes it.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    namespaces: BTreeMap<Box<str>, Arc<NamespaceObjects>>,
    /// Objects that matter beyond their own namespace.
    across: Arc<BTreeMap<Kind, ByPlace>>,
    /// For each namespace a kind that is not known here and may make pods.
    foreign: Arc<BTreeMap<Box<str>, Box<str>>>,
    completeness: Completeness,
}

/// What is known of one namespace.
#[derive(Clone, Debug, Default)]
pub struct NamespaceObjects {
    /// The workloads.
    pub workloads: BTreeMap<(WorkloadKind, Box<str>), Arc<Workload>>,
    others: BTreeMap<Kind, ByName>,
}

impl Cluster {
    /// Nothing yet, with what the absence of an object will mean.
    pub fn new(completeness: Completeness) -> Self {
        Self {
            completeness,
            ..Self::default()
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
        let Some(kind) = resource.surrounding_kind() else {
            if let Resource::Workload(workload) = resource {
                let key = (workload.kind, workload.name().into());
                let objects = self.entry(&workload.metadata.namespace.clone());
                objects.workloads.insert(key, Arc::from(workload));
            }
            return;
        };
        let namespace: Box<str> = metadata.namespace.as_str().into();
        match kind.info().scope {
            Scope::Namespace => {
                let home = if kind == Kind::Namespace {
                    name.clone()
                } else {
                    namespace
                };
                let objects = self.entry(&home).others.entry(kind).or_default();
                objects.insert(name, Arc::new(resource));
            }
            Scope::Across | Scope::Cluster => {
                let objects = Arc::make_mut(&mut self.across).entry(kind).or_default();
                objects.insert((namespace, name), Arc::new(resource));
            }
        }
    }

    /// Notes that an object of a kind that is not known here is in a namespace: it may make pods, so nothing is said
    /// to select none.
    pub fn note_foreign(&mut self, namespace: &str, kind: &str) {
        let foreign = Arc::make_mut(&mut self.foreign);
        foreign
            .entry(namespace.into())
            .or_insert_with(|| kind.into());
    }

    /// Whether exactly this object is in, so that putting it in again would change nothing.
    pub fn holds(&self, resource: &Resource) -> bool {
        let metadata = resource.metadata();
        let name = metadata.name.as_str();
        match resource {
            Resource::Workload(workload) => self
                .workload(workload.kind, &metadata.namespace, workload.name())
                .is_some_and(|found| **found == **workload),
            _ => self
                .found(resource, &metadata.namespace, name)
                .is_some_and(|found| found == resource),
        }
    }

    fn found(&self, like: &Resource, namespace: &str, name: &str) -> Option<&Resource> {
        let kind = like.surrounding_kind()?;
        let found = match kind.info().scope {
            Scope::Namespace => {
                let home = if kind == Kind::Namespace {
                    name
                } else {
                    namespace
                };
                self.namespaces.get(home)?.others.get(&kind)?.get(name)
            }
            Scope::Across | Scope::Cluster => {
                let objects = self.across.get(&kind)?;
                objects.get(&(namespace.into(), name.into()))
            }
        };
        found.map(AsRef::as_ref)
    }

    /// Takes an object out, and the namespace with it once nothing of it is left.
    pub fn remove(&mut self, known: Known, namespace: &str, name: &str) {
        let namespace = match known {
            Known::Surrounding(Kind::Namespace) => name,
            Known::Surrounding(kind) if kind.info().scope != Scope::Namespace => {
                if let Some(objects) = Arc::make_mut(&mut self.across).get_mut(&kind) {
                    objects.remove(&(namespace.into(), name.into()));
                }
                return;
            }
            _ => namespace,
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
        if let Known::Surrounding(kind) = known
            && kind.info().scope != Scope::Namespace
        {
            Arc::make_mut(&mut self.across).remove(&kind);
            return;
        }
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

    /// The metadata of every object of a kind.
    pub fn metadata_of(&self, known: Known) -> Box<dyn Iterator<Item = &Metadata> + '_> {
        let of_namespaces = self.namespaces.values();
        match known {
            Known::Workload(kind) => Box::new(
                of_namespaces
                    .flat_map(|objects| objects.workloads.values())
                    .filter(move |workload| workload.kind == kind)
                    .map(|workload| &workload.metadata),
            ),
            Known::Surrounding(kind) => {
                let across = self
                    .across
                    .get(&kind)
                    .into_iter()
                    .flat_map(BTreeMap::values);
                let others = of_namespaces.filter_map(move |objects| objects.others.get(&kind));
                let all = others.flat_map(BTreeMap::values).chain(across);
                Box::new(all.map(|object| object.metadata()))
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
    pub fn around<'a>(&'a self, namespace: &'a str) -> Surroundings<'a> {
        Surroundings {
            cluster: self,
            namespace,
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

impl NamespaceObjects {
    fn remove(&mut self, kind: Kind, name: &str) {
        if let Some(objects) = self.others.get_mut(&kind) {
            objects.remove(name);
            if objects.is_empty() {
                self.others.remove(&kind);
            }
        }
    }

    fn names(&self, known: Known) -> Vec<Box<str>> {
        match known {
            Known::Workload(kind) => {
                let keys = self.workloads.keys().filter(|(own, _)| *own == kind);
                keys.map(|(_, name)| name.clone()).collect()
            }
            Known::Surrounding(kind) => self
                .others
                .get(&kind)
                .map(|objects| objects.keys().cloned().collect())
                .unwrap_or_default(),
        }
    }

    fn is_empty(&self) -> bool {
        self.workloads.is_empty() && self.others.is_empty()
    }
}

/// What stands around the workloads of one namespace. Every question about something that may be
/// elsewhere is answered with [`Seen`].
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
    objects: Option<&'a NamespaceObjects>,
}

impl<'a> Surroundings<'a> {
    /// The namespace's name.
    pub fn namespace(&self) -> &'a str {
        self.namespace
    }

    /// The Namespace itself.
    pub fn namespace_object(&self) -> Seen<&'a Namespace> {
        match self.named::<Namespace>(self.namespace) {
            Seen::Known(Some(found)) => Seen::Known(found),
            Seen::Known(None) => Seen::NotSeen(self.cluster.completeness.why(Kind::Namespace)),
            Seen::NotSeen(why) => Seen::NotSeen(why),
        }
    }

    /// The labels of the namespace itself.
    pub fn namespace_labels(&self) -> Seen<&'a Labels> {
        self.namespace_object()
            .map(|namespace| &namespace.metadata.labels)
    }

    /// A kind of the namespace that is not known here and may make pods.
    pub fn foreign_kind(&self) -> Option<&'a str> {
        self.cluster.foreign.get(self.namespace).map(AsRef::as_ref)
    }

    /// The workloads of the namespace.
    pub fn workloads(&self) -> impl Iterator<Item = &'a Workload> + use<'a> {
        let objects = self.objects.into_iter();
        objects
            .flat_map(|objects| objects.workloads.values())
            .map(AsRef::as_ref)
    }

    /// The objects of a kind that were found in the namespace.
    pub fn each<T: Surrounding + 'a>(&self) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let found = self
            .objects
            .and_then(|objects| objects.others.get(&T::KIND));
        found
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter_map(|object| T::of(object))
    }

    /// The objects of a kind that were found in any namespace or in none.
    pub fn everywhere<T: Surrounding + 'a>(&self) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let found = self.cluster.across.get(&T::KIND);
        found
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter_map(|object| T::of(object))
    }

    /// An object of the namespace by name.
    pub fn named<T: Surrounding + 'a>(&self, name: &str) -> Seen<Option<&'a T>> {
        let objects = self
            .objects
            .and_then(|objects| objects.others.get(&T::KIND));
        let found = objects.and_then(|objects| objects.get(name));
        self.or_absent(found.and_then(|object| T::of(object)))
    }

    /// An object by its namespace, which is empty for those that live in none, and its name.
    pub fn at<T: Surrounding + 'a>(&self, namespace: &str, name: &str) -> Seen<Option<&'a T>> {
        let objects = self.cluster.across.get(&T::KIND);
        let found = objects.and_then(|objects| objects.get(&(namespace.into(), name.into())));
        self.or_absent(found.and_then(|object| T::of(object)))
    }

    fn or_absent<T: Surrounding>(&self, found: Option<&'a T>) -> Seen<Option<&'a T>> {
        match found {
            Some(found) => Seen::Known(Some(found)),
            None => self.absent(T::KIND).map(|()| None),
        }
    }

    /// What it means that no object of a kind was found.
    pub fn absent(&self, kind: Kind) -> Seen<()> {
        self.cluster.completeness.absent(kind)
    }

    /// What was found of a kind; where nothing was, whether that says that there is nothing.
    pub fn found<T>(&self, kind: Kind, found: Vec<T>) -> Seen<Vec<T>> {
        if found.is_empty() {
            self.absent(kind).map(|()| found)
        } else {
            Seen::Known(found)
        }
    }
}
