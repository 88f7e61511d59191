//! The objects of files to the workloads to judge, and what stands around them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use prodready_engine::{
    api::vocabulary::WorkloadKind,
    object::{
        Kind, Original, Resource, Workload,
        metadata::Metadata,
        resource::{Known, Scope, Whole},
    },
    schema::Schema,
    surroundings::{Cluster, Completeness},
};
use prodready_manifest::Limits;
use serde::Deserialize as _;
use serde_json::Value;

use super::{
    documents::{Document, Documents, map_sources},
    error::InputError,
    exceptions::mistakes_in,
    kinds::misspelt,
    source::Source,
};

/// What it means that an object was not found, once a document could not be read.
const UNREAD: &str = "a document among the files could not be read";

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Loaded<'a> {
    /// What stands around the workloads.
    pub cluster: Cluster,
    /// The workloads to judge, by namespace, kind and name, then in the order of the files.
    pub subjects: Vec<Subject<'a>>,
    /// The namespaces to judge themselves, by name.
    pub namespaces: Vec<String>,
    /// Where the objects around the workloads stand in the files.
    places: HashMap<(Kind, String, String), Document<'a>>,
    /// What could not be read, in the order of the files.
    pub errors: Vec<InputError>,
}

/// A workload to judge.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The workload.
    pub workload: Arc<Workload>,
    /// Where it stands.
    pub place: Place<'a>,
}

/// Where a workload stands.
#[derive(Debug)]
pub enum Place<'a> {
    /// In a file.
    File(Document<'a>),
    /// In a cluster.
    Cluster,
}

/// Makes workloads and surroundings of the documents of all sources, in parallel. `namespace` is where objects
/// go that name none.
pub fn load<'a>(sources: &'a [Source], namespace: &str, completeness: Completeness) -> Loaded<'a> {
    load_whole(sources, namespace, completeness, &Whole::default())
}

/// As [`load`], with objects of some kinds kept as they are written, for rules that ask about them.
pub fn load_whole<'a>(
    sources: &'a [Source],
    namespace: &str,
    completeness: Completeness,
    whole: &Whole,
) -> Loaded<'a> {
    let schema = Schema::kubernetes();
    let parts = map_sources(sources, &Limits::default(), |documents| {
        read_all(documents, namespace, &schema, whole)
    });
    let mut loaded = Loaded {
        cluster: Cluster::new(completeness),
        ..Loaded::default()
    };
    let mut found = Vec::new();
    for part in parts {
        found.extend(part.found);
        loaded.errors.extend(part.errors);
        for (namespace, kind) in part.foreign {
            loaded.cluster.note_foreign(&namespace, &kind);
        }
    }
    drop_controlled(&mut found);
    for (resource, place) in found {
        loaded.insert(resource, place);
    }
    loaded.sort();
    loaded.add_namespaces();
    loaded.note_unread();
    loaded
}

impl<'a> Loaded<'a> {
    /// Takes one object in.
    pub(super) fn insert(&mut self, resource: Resource, place: Place<'a>) {
        let Resource::Workload(workload) = &resource else {
            if let (Some(kind), Place::File(document)) = (resource.surrounding_kind(), place) {
                let metadata = resource.metadata();
                let key = (kind, metadata.namespace.clone(), metadata.name.clone());
                self.places.insert(key, document);
            }
            self.cluster.insert(resource);
            return;
        };
        let kind = workload.kind;
        let namespace = workload.metadata.namespace.clone();
        let name = workload.name().to_owned();
        self.cluster.insert(resource);
        // Two files may hold a workload of the same name, as for two environments: both are judged.
        if let Some(workload) = self.cluster.workload(kind, &namespace, &name) {
            self.subjects.push(Subject {
                workload: Arc::clone(workload),
                place,
            });
        }
    }

    /// Takes in what could not be read at all. Nothing is said to be missing from then on: it may stand there.
    pub fn add_errors(&mut self, errors: Vec<InputError>) {
        self.errors.extend(errors);
        self.note_unread();
    }

    /// Names the namespaces to judge: those in which anything runs, or that are there themselves.
    pub(super) fn add_namespaces(&mut self) {
        let named = self.cluster.namespaces().map(|(name, _)| name.to_owned());
        self.namespaces = named.collect();
    }

    /// Where an object stands in the files that is no workload.
    pub fn place(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Document<'a>> {
        let key = (kind, namespace.to_owned(), name.to_owned());
        self.places.get(&key)
    }

    /// Puts the workloads in the order in which they are reported.
    pub(super) fn sort(&mut self) {
        self.subjects
            .sort_by(|one, other| one.key().cmp(&other.key()));
    }

    fn note_unread(&mut self) {
        if !self.errors.is_empty() {
            self.cluster.set_completeness(Completeness::partial(UNREAD));
        }
    }
}

impl Subject<'_> {
    fn key(&self) -> (&str, WorkloadKind, &str) {
        let workload = &self.workload;
        (&workload.metadata.namespace, workload.kind, workload.name())
    }
}

type Found<'a> = (Resource, Place<'a>);

/// What one source held, as far as judging looks at it.
#[derive(Default)]
struct Part<'a> {
    found: Vec<Found<'a>>,
    errors: Vec<InputError>,
    /// Namespaces with the kinds in them that are not known.
    foreign: Vec<(String, String)>,
}

/// Reads the documents of one source, as far as judging looks at them.
fn read_all<'a>(
    documents: Documents<'a>,
    namespace: &str,
    schema: &Schema,
    whole: &Whole,
) -> Part<'a> {
    let Documents {
        documents,
        mut errors,
    } = documents;
    let mut found = Vec::with_capacity(documents.len());
    let mut foreign = Vec::new();
    for document in documents {
        let known = document
            .identity()
            .and_then(|(version, kind)| Known::find(version, kind));
        let Some(known) = known else {
            foreign.extend(foreign_kind(&document, namespace));
            errors.extend(misspelt(&document));
            continue;
        };
        match document.read(|node| Resource::read(known, node)) {
            Ok(resource) if is_helm_test(resource.metadata()) => {}
            Ok(mut resource) => {
                settle(&mut resource, known, namespace);
                note_how_written(&mut resource, &document, schema);
                if whole.includes(known) {
                    let text = document.read(Value::deserialize);
                    resource.metadata_mut().original = text.ok().map(Original::of);
                }
                match mistakes_in(&document, &resource) {
                    mistakes if mistakes.is_empty() => {
                        found.push((resource, Place::File(document)));
                    }
                    mistakes => errors.extend(mistakes),
                }
            }
            Err(error) => errors.push(error),
        }
    }
    errors.sort_by_key(|error| (error.line(), error.column()));
    Part {
        found,
        errors,
        foreign,
    }
}

/// The namespace and kind of an object of somebody else's group: an operator may make pods for it.
fn foreign_kind(document: &Document<'_>, namespace: &str) -> Option<(String, String)> {
    let (version, kind) = document.identity()?;
    let (group, _) = version.split_once('/')?;
    // Kubernetes' own groups have no dot, or end so; what they make is known.
    if !group.contains('.') || group.ends_with(".k8s.io") {
        return None;
    }
    let metadata = document.node.get("metadata");
    let own = metadata.and_then(|metadata| metadata.get("namespace")?.as_str());
    Some((own.unwrap_or(namespace).to_owned(), kind.to_owned()))
}

/// Notes the version it is written in, and what in it is no field: the API server will show neither.
fn note_how_written(resource: &mut Resource, document: &Document<'_>, schema: &Schema) {
    let Some((version, _)) = document.identity() else {
        return;
    };
    resource.metadata_mut().written_version = Some(version.into());
    if let Resource::Workload(workload) = resource {
        workload.metadata.schema_faults = schema.faults(workload.kind, version, &document.node);
    }
}

/// Gives an object the namespace it will be in.
pub(super) fn settle(resource: &mut Resource, known: Known, namespace: &str) {
    let metadata = resource.metadata_mut();
    let lives_in_none = matches!(known, Known::Surrounding(kind)
        if kind == Kind::Namespace || kind.info().scope == Scope::Cluster);
    if lives_in_none {
        metadata.namespace.clear();
    } else if metadata.namespace.is_empty() {
        namespace.clone_into(&mut metadata.namespace);
    }
}

/// Whether an object is there for `helm test` alone.
fn is_helm_test(metadata: &Metadata) -> bool {
    metadata
        .annotations
        .get("helm.sh/hook")
        .is_some_and(|hooks| {
            hooks
                .split(',')
                .all(|hook| matches!(hook.trim(), "test" | "test-success" | "test-failure"))
        })
}

/// Leaves out Pods, ReplicaSets and Jobs whose controller is there too. Where it is not, they are judged: what
/// they say about an owner proves nothing.
fn drop_controlled(found: &mut Vec<Found<'_>>) {
    let controlled = |resource: &Resource| {
        matches!(resource, Resource::Workload(workload)
            if made_by_workloads(workload.kind) && workload.metadata.controller().is_some())
    };
    if !found.iter().any(|(resource, _)| controlled(resource)) {
        return;
    }
    let present: HashSet<(String, &str, String)> = found
        .iter()
        .filter_map(|(resource, _)| match resource {
            Resource::Workload(workload) => Some((
                workload.metadata.namespace.clone(),
                workload.kind.as_str(),
                workload.name().to_owned(),
            )),
            _ => None,
        })
        .collect();
    found.retain(|(resource, _)| {
        let owner = match resource {
            Resource::Workload(workload) if made_by_workloads(workload.kind) => {
                workload.metadata.controller()
            }
            _ => None,
        };
        owner.is_none_or(|owner| {
            let namespace = resource.metadata().namespace.clone();
            !present.contains(&(namespace, owner.kind.as_str(), owner.name.clone()))
        })
    });
}

/// Whether other workloads make objects of this kind.
pub(super) fn made_by_workloads(kind: WorkloadKind) -> bool {
    matches!(
        kind,
        WorkloadKind::Pod | WorkloadKind::ReplicaSet | WorkloadKind::Job
    )
}
