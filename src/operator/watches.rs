//! What is watched: a list that a reader can count.

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream::BoxStream};
use kube::{
    Api, Client,
    api::{ApiResource, GroupVersionKind},
    runtime::{WatchStreamExt as _, watcher},
};
use prodready_engine::{
    api::{GROUP, vocabulary::WorkloadKind},
    object::{
        Kind, Resource,
        resource::{KindInfo, Known, Origin, Whole},
    },
};
use prometheus_client::metrics::counter::Counter;
use tracing::warn;

use super::stored::Told;
use crate::{
    partial::{self, Bill, Form, Named, Object, StoredReport},
    telemetry::metrics::WatchMetrics,
    written::{self, Written},
};

/// Something that happened in the cluster.
#[derive(Debug)]
pub(super) enum Change {
    /// All objects of a kind, after a first or a renewed list.
    Listed(Known, Vec<Resource>),
    /// One object is new or different.
    Applied(Box<Resource>),
    /// One object is gone.
    Deleted(Known, String, String),
    /// All policies.
    PoliciesListed(Vec<Written>),
    /// One policy is new or different.
    PolicyApplied(Box<Written>),
    /// One policy is gone.
    PolicyDeleted(String),
    /// All reports.
    ReportsListed(Vec<Told>),
    /// One report is new or different.
    ReportApplied(Told),
    /// One report is gone.
    ReportDeleted(String, String),
}

/// Every kind that is always there, and Secrets where their names may be listed.
pub(super) fn always(lists_secrets: bool) -> Vec<Known> {
    let surrounding = Kind::ALL.iter().filter(|info| match info.origin {
        Origin::Kubernetes | Origin::Ourselves => true,
        Origin::Guarded => lists_secrets,
        Origin::Extension => false,
    });
    let surrounding = surrounding.map(|info| Known::Surrounding(info.kind));
    WorkloadKind::ALL
        .into_iter()
        .map(Known::Workload)
        .chain(surrounding)
        .collect()
}

/// Every kind that is there with its CustomResourceDefinition.
pub(super) fn optional() -> Vec<&'static KindInfo> {
    Kind::ALL
        .iter()
        .map(|info| info.kind.info())
        .filter(|info| info.origin == Origin::Extension)
        .collect()
}

/// The changes of one kind, for ever. `version` is the one that the API server serves; `whole` says whether objects
/// are kept as they were written.
pub(super) fn kind(
    client: Client,
    known: Known,
    version: Option<&str>,
    whole: Whole,
    metrics: &WatchMetrics,
) -> BoxStream<'static, Change> {
    let resource = resource(known, version);
    let failures = metrics.of(&resource.plural, &resource.group);
    match known {
        Known::Surrounding(Kind::Secret) => changes(
            Api::<Named>::all_with(client, &resource),
            known,
            whole,
            failures,
        ),
        Known::Surrounding(Kind::SbomReport) => changes(
            Api::<Bill>::all_with(client, &resource),
            known,
            whole,
            failures,
        ),
        _ => changes(
            Api::<Object>::all_with(client, &resource),
            known,
            whole,
            failures,
        ),
    }
}

fn changes<F: Form>(
    api: Api<F>,
    known: Known,
    whole: Whole,
    failures: Counter,
) -> BoxStream<'static, Change> {
    let mut config = watcher::Config::default().page_size(F::PAGE.unwrap_or(PAGE));
    config.field_selector = partial::selected(known).map(str::to_owned);
    let mut listed = Vec::new();
    events(api, config, failures)
        .filter_map(move |event| {
            let change = match event {
                watcher::Event::Init => {
                    listed.clear();
                    None
                }
                watcher::Event::InitApply(object) => {
                    listed.extend(read(known, object.object(), &whole));
                    None
                }
                watcher::Event::InitDone => {
                    Some(Change::Listed(known, std::mem::take(&mut listed)))
                }
                watcher::Event::Apply(object) => {
                    let key = key(object.meta());
                    // What is not judged on its own any more, as a Pod that was adopted, goes.
                    Some(match read(known, object.object(), &whole) {
                        Some(resource) => Change::Applied(Box::new(resource)),
                        None => Change::Deleted(known, key.0, key.1),
                    })
                }
                watcher::Event::Delete(object) => {
                    let (namespace, name) = key(object.meta());
                    Some(Change::Deleted(known, namespace, name))
                }
            };
            async move { change }
        })
        .boxed()
}

/// The changes of policies, for ever.
pub(super) fn policies(client: Client, metrics: &WatchMetrics) -> BoxStream<'static, Change> {
    let failures = metrics.of("productionreadinesspolicies", GROUP);
    let config = watcher::Config::default().page_size(PAGE);
    let mut listed = Vec::new();
    events(written::api(client), config, failures)
        .filter_map(move |event| {
            let change = match event {
                watcher::Event::Init => {
                    listed.clear();
                    None
                }
                watcher::Event::InitApply(policy) => {
                    listed.push(Written::read(policy));
                    None
                }
                watcher::Event::InitDone => {
                    Some(Change::PoliciesListed(std::mem::take(&mut listed)))
                }
                watcher::Event::Apply(policy) => {
                    Some(Change::PolicyApplied(Box::new(Written::read(policy))))
                }
                watcher::Event::Delete(policy) => {
                    Some(Change::PolicyDeleted(key(&policy.metadata).1))
                }
            };
            async move { change }
        })
        .boxed()
}

/// The changes of reports, for ever. Of each only what tells it apart is kept: while reports are written hundreds of
/// changes wait for their turn.
pub(super) fn reports(client: Client, metrics: &WatchMetrics) -> BoxStream<'static, Change> {
    let failures = metrics.of("readinessreports", GROUP);
    let config = watcher::Config::default().page_size(PAGE);
    let mut listed = Vec::new();
    events(Api::<StoredReport>::all(client), config, failures)
        .filter_map(move |event| {
            let change = match event {
                watcher::Event::Init => {
                    listed.clear();
                    None
                }
                watcher::Event::InitApply(report) => {
                    listed.push(Told::from(&report));
                    None
                }
                watcher::Event::InitDone => {
                    Some(Change::ReportsListed(std::mem::take(&mut listed)))
                }
                watcher::Event::Apply(report) => Some(Change::ReportApplied(Told::from(&report))),
                watcher::Event::Delete(report) => {
                    let (namespace, name) = key(&report.metadata);
                    Some(Change::ReportDeleted(namespace, name))
                }
            };
            async move { change }
        })
        .boxed()
}

/// Objects of one answer of a list. A page is held as read before it becomes slim: some ten times as much.
const PAGE: u32 = 100;

/// A watch that never ends: errors are counted, logged and tried again with backoff and jitter.
fn events<K>(
    api: Api<K>,
    config: watcher::Config,
    failures: Counter,
) -> impl Stream<Item = watcher::Event<K>> + Send
where
    K: kube::Resource + Clone + serde::de::DeserializeOwned + std::fmt::Debug + Send + 'static,
{
    watcher(api, config)
        .default_backoff()
        .inspect_err(move |err| {
            failures.inc();
            warn!(error = %err, "a watch failed and is tried again");
        })
        .filter_map(|event| std::future::ready(event.ok()))
}

fn resource(known: Known, version: Option<&str>) -> ApiResource {
    match known {
        Known::Workload(kind) => {
            let (group, version) = kind
                .api_version()
                .split_once('/')
                .unwrap_or(("", kind.api_version()));
            ApiResource::from_gvk_with_plural(
                &GroupVersionKind::gvk(group, version, kind.as_str()),
                kind.plural(),
            )
        }
        Known::Surrounding(kind) => {
            let info = kind.info();
            let gvk = GroupVersionKind::gvk(info.group, version.unwrap_or(info.version), info.name);
            ApiResource::from_gvk_with_plural(&gvk, info.plural)
        }
    }
}

/// The slim form of an object; none where it is not judged on its own or cannot be read.
fn read(known: Known, object: Object, whole: &Whole) -> Option<Resource> {
    let made_by_workload = matches!(
        known,
        Known::Workload(WorkloadKind::Pod | WorkloadKind::ReplicaSet | WorkloadKind::Job)
    );
    let mut owners = object.metadata.owner_references.iter().flatten();
    // What an unknown kind controls is kept, not to be judged, but to be known: a Service may mean it.
    let is_made = made_by_workload
        && owners.any(|owner| owner.controller == Some(true) && is_known_controller(&owner.kind));
    if is_made && known != Known::Workload(WorkloadKind::Pod) {
        return None;
    }
    let (namespace, name) = key(&object.metadata);
    let json = object.into_json();
    match json.and_then(|json| Resource::keep(known, json, whole)) {
        Ok(Resource::Workload(pod)) if is_made => {
            let pod = pod.into_trouble()?;
            Some(Resource::Workload(Box::new(pod)))
        }
        Ok(resource) => Some(resource),
        Err(err) => {
            warn!(error = %err, ?known, namespace, name, "an object cannot be read and is left out");
            None
        }
    }
}

/// Whether the cluster's own controllers make objects of a kind, or make other workloads of them.
fn is_known_controller(kind: &str) -> bool {
    matches!(kind, "ReplicationController" | "Node")
        || WorkloadKind::ALL.iter().any(|known| known.as_str() == kind)
}

fn key(metadata: &kube::api::ObjectMeta) -> (String, String) {
    (
        metadata.namespace.clone().unwrap_or_default(),
        metadata.name.clone().unwrap_or_default(),
    )
}
