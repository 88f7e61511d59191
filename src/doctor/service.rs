//! The Service in front of the gate, and what is behind it.

use k8s_openapi::api::{core::v1::Service, discovery::v1::EndpointSlice};
use kube::{Api, Client, api::ListParams};

use super::{Diagnosis, Looked, find, why};
use crate::{operator::Settings, webhook::probe::Cause};

const SUBJECT: &str = "Service";

pub(super) async fn examine(client: &Client, settings: &Settings) -> Vec<Diagnosis> {
    let (namespace, name) = (&settings.namespace, &settings.service);
    let services: Api<Service> = Api::namespaced(client.clone(), namespace);
    let found = match find(services, name).await {
        Looked::NotSeen(why) => Diagnosis::unknown(SUBJECT, why),
        Looked::Absent => wrong(
            Cause::ServiceMissing,
            format!("there is no Service {name} in namespace {namespace}"),
        ),
        Looked::Found(_) => match ready_endpoints(client, settings).await {
            Err(err) => Diagnosis::unknown(SUBJECT, why(&err)),
            Ok(0) => wrong(
                Cause::NoEndpoints,
                format!("Service {name} in namespace {namespace} has no ready endpoint"),
            ),
            Ok(ready) => Diagnosis::good(SUBJECT, format!("{ready} ready behind Service {name}")),
        },
    };
    vec![found]
}

fn wrong(cause: Cause, message: String) -> Diagnosis {
    Diagnosis::wrong(SUBJECT, cause.reason(), message, cause.remedy())
}

async fn ready_endpoints(client: &Client, settings: &Settings) -> Result<usize, kube::Error> {
    let slices: Api<EndpointSlice> = Api::namespaced(client.clone(), &settings.namespace);
    let of_service = format!("kubernetes.io/service-name={}", settings.service);
    let slices = slices
        .list(&ListParams::default().labels(&of_service))
        .await?;
    let endpoints = slices
        .iter()
        .flat_map(|slice| slice.endpoints.iter().flatten());
    let ready = endpoints.filter(|endpoint| {
        let conditions = endpoint.conditions.as_ref();
        conditions.and_then(|conditions| conditions.ready) != Some(false)
    });
    Ok(ready.count())
}
