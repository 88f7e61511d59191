//! A live cluster to the workloads to judge, and what stands around them.

use std::path::PathBuf;

use futures::{StreamExt as _, stream};
use kube::{
    Api, Client, Config,
    api::{ApiResource, GroupVersionKind, ListParams},
    config::{KubeConfigOptions, Kubeconfig},
    discovery,
};
use prodready_engine::{
    api::vocabulary::WorkloadKind,
    object::{
        Kind, Resource,
        resource::{Known, Origin, Scope as Reach, Whole},
    },
    surroundings::Completeness,
};

use super::{
    error::InputError,
    load::{Loaded, Place, made_by_workloads},
};
use crate::{
    partial::{self, Bill, Form, Named, Object},
    written::{self, Written},
};

/// How many objects one answer of the API server may hold.
const PAGE: u32 = 500;

/// How many kinds are listed at the same time.
const AT_ONCE: usize = 6;

/// Which cluster.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// A kubeconfig file, in the place of the usual ones.
    pub kubeconfig: Option<PathBuf>,
    /// A context of it, in the place of the current one.
    pub context: Option<String>,
}

/// Which part of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All namespaces.
    All,
    /// One namespace.
    Namespace(String),
}

/// Connects to the cluster. The client's own namespace is that of the context.
pub async fn connect(connection: &Connection) -> anyhow::Result<Client> {
    let options = KubeConfigOptions {
        context: connection.context.clone(),
        ..KubeConfigOptions::default()
    };
    let config = match (&connection.kubeconfig, &connection.context) {
        (Some(path), _) => {
            Config::from_custom_kubeconfig(Kubeconfig::read_from(path)?, &options).await?
        }
        (None, Some(_)) => Config::from_kubeconfig(&options).await?,
        (None, None) => Config::infer().await?,
    };
    Ok(Client::try_from(config)?)
}

/// Lists every kind that judging looks at, with objects of some kinds kept as they were written. A surrounding kind that may not be listed is out of sight; a kind
/// of workloads that may not is an error beside the rest.
pub async fn list(
    client: &Client,
    scope: &Scope,
    whole: &Whole,
) -> Result<Loaded<'static>, kube::Error> {
    let workloads = WorkloadKind::ALL.into_iter().map(Known::Workload);
    let surroundings = Kind::ALL.iter().map(|info| Known::Surrounding(info.kind));
    let mut lists = stream::iter(workloads.chain(surroundings))
        .map(|known| async move { (known, list_kind(client, known, scope).await) })
        .buffered(AT_ONCE);
    let mut loaded = Loaded::default();
    let mut completeness = Completeness::complete();
    while let Some((known, objects)) = lists.next().await {
        match (known, objects?) {
            (_, Listed::Objects(objects)) => {
                for object in objects {
                    match read(known, object, whole) {
                        // Not judged: it tells how its owner fares.
                        Ok(Some(Resource::Workload(pod))) if pod.is_made_pod() => {
                            loaded.cluster.insert(Resource::Workload(pod));
                        }
                        Ok(Some(resource)) => loaded.insert(resource, Place::Cluster),
                        Ok(None) => {}
                        Err(error) => loaded.errors.push(error),
                    }
                }
            }
            (Known::Workload(kind), Listed::Refused(reason)) => {
                loaded.errors.push(InputError::Unreadable {
                    file: format!("cluster: {}", kind.plural()),
                    reason,
                });
            }
            (Known::Surrounding(kind), Listed::Refused(reason)) => {
                let why = format!("{} could not be listed: {reason}", kind.info().plural);
                completeness = completeness.without(kind, why);
            }
        }
    }
    if loaded.errors.is_empty() {
        loaded.cluster.set_completeness(completeness);
    } else {
        let why = "an object of the cluster could not be read";
        loaded.cluster.set_completeness(Completeness::partial(why));
    }
    loaded.sort();
    loaded.add_namespaces();
    Ok(loaded)
}

/// The cluster's policies; none where it does not know the kind or does not let them be seen.
pub async fn policies(client: &Client) -> Result<Vec<Written>, kube::Error> {
    match written::api(client.clone())
        .list(&ListParams::default())
        .await
    {
        Ok(list) => Ok(list.items.into_iter().map(Written::read).collect()),
        Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404) => Ok(Vec::new()),
        Err(err) => Err(err),
    }
}

/// One policy of the cluster by name; none where there is none.
pub async fn policy(client: &Client, name: &str) -> Result<Option<Written>, kube::Error> {
    let found = written::api(client.clone()).get_opt(name).await?;
    Ok(found.map(Written::read))
}

/// What came of listing a kind.
enum Listed {
    Objects(Vec<Object>),
    Refused(String),
}

async fn list_kind(client: &Client, known: Known, scope: &Scope) -> Result<Listed, kube::Error> {
    match list_version(client, &resource(known, None), known, scope).await {
        Err(kube::Error::Api(status)) if status.code == 404 => {}
        other => return or_refused(other),
    }
    let Some(version) = served_version(client, known).await? else {
        return Ok(Listed::Objects(Vec::new()));
    };
    let resource = resource(known, Some(&version));
    or_refused(list_version(client, &resource, known, scope).await)
}

fn or_refused(outcome: Result<Vec<Object>, kube::Error>) -> Result<Listed, kube::Error> {
    match outcome {
        Ok(objects) => Ok(Listed::Objects(objects)),
        Err(kube::Error::Api(status)) if matches!(status.code, 403..=405) => {
            Ok(Listed::Refused(status.message.clone()))
        }
        Err(err) => Err(err),
    }
}

/// The version in which the cluster serves an optional kind; none where it does not.
async fn served_version(client: &Client, known: Known) -> Result<Option<String>, kube::Error> {
    let Known::Surrounding(kind) = known else {
        return Ok(None);
    };
    let info = kind.info();
    if info.origin != Origin::Extension {
        return Ok(None);
    }
    match discovery::group(client, info.group).await {
        Ok(group) => Ok(group
            .recommended_kind(info.name)
            .map(|(resource, _)| resource.version)),
        Err(kube::Error::Discovery(_)) => Ok(None),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
        Err(err) => Err(err),
    }
}

async fn list_version(
    client: &Client,
    resource: &ApiResource,
    known: Known,
    scope: &Scope,
) -> Result<Vec<Object>, kube::Error> {
    match (known, scope) {
        (Known::Surrounding(Kind::Namespace), Scope::Namespace(name)) => {
            let api: Api<Object> = Api::all_with(client.clone(), resource);
            Ok(api.get_opt(name).await?.into_iter().collect())
        }
        (Known::Surrounding(Kind::Secret), _) => {
            list_as::<Named>(client, resource, known, scope).await
        }
        (Known::Surrounding(Kind::SbomReport), _) => {
            list_as::<Bill>(client, resource, known, scope).await
        }
        _ => list_as::<Object>(client, resource, known, scope).await,
    }
}

async fn list_as<F: Form>(
    client: &Client,
    resource: &ApiResource,
    known: Known,
    scope: &Scope,
) -> Result<Vec<Object>, kube::Error> {
    let api: Api<F> = match (known, scope) {
        (_, Scope::All) => Api::all_with(client.clone(), resource),
        // What lives elsewhere, as a gateway, may matter here.
        (Known::Surrounding(kind), _) if kind.info().scope != Reach::Namespace => {
            Api::all_with(client.clone(), resource)
        }
        (_, Scope::Namespace(name)) => Api::namespaced_with(client.clone(), name, resource),
    };
    let mut found = Vec::new();
    let mut parameters = ListParams::default().limit(F::PAGE.unwrap_or(PAGE));
    parameters.field_selector = partial::selected(known).map(str::to_owned);
    loop {
        let page = api.list(&parameters).await?;
        found.extend(page.items.into_iter().map(Form::object));
        match page.metadata.continue_ {
            Some(token) if !token.is_empty() => parameters.continue_token = Some(token),
            _ => return Ok(found),
        }
    }
}

fn resource(known: Known, version: Option<&str>) -> ApiResource {
    let (gvk, plural) = match known {
        Known::Workload(kind) => {
            let written = kind.api_version();
            let (group, version) = written.split_once('/').unwrap_or(("", written));
            let gvk = GroupVersionKind::gvk(group, version, kind.as_str());
            (gvk, kind.plural())
        }
        Known::Surrounding(kind) => {
            let info = kind.info();
            let version = version.unwrap_or(info.version);
            let gvk = GroupVersionKind::gvk(info.group, version, info.name);
            (gvk, info.plural)
        }
    };
    ApiResource::from_gvk_with_plural(&gvk, plural)
}

/// The slim form of an object; none where a workload controls it.
fn read(known: Known, object: Object, whole: &Whole) -> Result<Option<Resource>, InputError> {
    let mut owners = object.metadata.owner_references.iter().flatten();
    let controlled = owners.any(|owner| owner.controller == Some(true));
    let is_made = controlled && matches!(known, Known::Workload(kind) if made_by_workloads(kind));
    if is_made && known != Known::Workload(WorkloadKind::Pod) {
        return Ok(None);
    }
    let kind = match known {
        Known::Workload(kind) => kind.as_str(),
        Known::Surrounding(kind) => kind.info().name,
    };
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let file = format!("cluster: {kind} {namespace}/{name}");
    let json = object.into_json();
    match json.and_then(|json| Resource::keep(known, json, whole)) {
        Ok(Resource::Workload(pod)) if is_made => {
            let pod = pod.into_trouble();
            Ok(pod.map(|pod| Resource::Workload(Box::new(pod))))
        }
        Ok(resource) => Ok(Some(resource)),
        Err(err) => {
            let reason = err.to_string();
            Err(InputError::Unreadable { file, reason })
        }
    }
}
