//! The namespaces that the gate leaves alone, with why.

use k8s_openapi::api::{apps::v1::DaemonSet, core::v1::Namespace};
use kube::{Api, Client, api::ListParams};
use prodready_engine::{
    object::{Resource, resource::Known},
    surroundings::{Cluster, Completeness},
};
use serde::Serialize;

use super::{Diagnosis, why};
use crate::operator::{
    Settings,
    protection::{self, Protected},
};

const SUBJECT: &str = "Protected namespaces";

pub(super) async fn examine(client: &Client, settings: &Settings) -> Diagnosis {
    match found(client, settings).await {
        Err(err) => Diagnosis::unknown(SUBJECT, why(&err)),
        Ok(protected) => {
            let listed = protected
                .iter()
                .map(|(name, why)| format!("{name} ({why})"));
            let listed: Vec<String> = listed.collect();
            let told = format!("the gate leaves alone: {}", listed.join(", "));
            Diagnosis::good(SUBJECT, told)
        }
    }
}

async fn found(client: &Client, settings: &Settings) -> Result<Protected, kube::Error> {
    let always = protection::always(&settings.namespace, &settings.protected_namespaces);
    if !settings.find_protected_namespaces {
        return Ok(always);
    }
    let mut cluster = Cluster::new(Completeness::complete());
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let daemon_sets: Api<DaemonSet> = Api::all(client.clone());
    insert(
        &mut cluster,
        "v1",
        "Namespace",
        namespaces.list(&ListParams::default()).await?.items,
    );
    insert(
        &mut cluster,
        "apps/v1",
        "DaemonSet",
        daemon_sets.list(&ListParams::default()).await?.items,
    );
    let mut protected = protection::of_daemon_sets(&cluster);
    protected.extend(protection::of_backends(client).await?);
    protected.extend(always);
    Ok(protected)
}

fn insert<K: Serialize>(cluster: &mut Cluster, api_version: &str, kind: &str, objects: Vec<K>) {
    let Some(known) = Known::find(api_version, kind) else {
        return;
    };
    let values = objects
        .into_iter()
        .filter_map(|object| serde_json::to_value(object).ok());
    for resource in values.filter_map(|value| Resource::read(known, value).ok()) {
        cluster.insert(resource);
    }
}
