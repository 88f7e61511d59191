//! Pods to wait for.

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, api::ListParams};
use prodready_testkit::wait;

use super::LIMIT;

/// Waits until so many pods with a label are ready, and returns them.
pub(crate) async fn wait_for_ready_pods(
    client: &Client,
    namespace: &str,
    wanted: usize,
    label: &str,
) -> Vec<Pod> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let labelled = ListParams::default().labels(label);
    let what = format!("{wanted} ready pods of {label}");
    wait(&what, LIMIT, async || {
        let listed = pods.list(&labelled).await.map_err(|err| err.to_string())?;
        let living: Vec<Pod> = listed
            .items
            .into_iter()
            .filter(|pod| pod.metadata.deletion_timestamp.is_none() && is_ready(pod))
            .collect();
        if living.len() == wanted {
            Ok(living)
        } else {
            Err(format!("{} ready", living.len()))
        }
    })
    .await
}

fn is_ready(pod: &Pod) -> bool {
    let status = pod.status.iter();
    let mut conditions = status.flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|each| each.type_ == "Ready" && each.status == "True")
}
