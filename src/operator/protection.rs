//! Namespaces out of the gate's reach, because the cluster or the gate itself would not come up again without what
//! runs there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use k8s_openapi::{
    api::admissionregistration::v1::{
        MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookClientConfig,
    },
    kube_aggregator::pkg::apis::apiregistration::v1::APIService,
};
use kube::{Api, Client, ResourceExt as _, api::ListParams};
use prodready_engine::{
    api::vocabulary::WorkloadKind,
    object::{Workload, pod::PodSpec},
    surroundings::{Cluster, Seen},
};
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tracing::warn;

use super::leader::Leadership;

/// How often it is looked who answers other webhooks and API services.
const EVERY: Duration = Duration::from_secs(30);

/// How soon that is tried again: until it is known once, the gate's configuration is not touched.
const AGAIN: Duration = Duration::from_secs(2);

/// Namespaces of Kubernetes itself.
const OF_KUBERNETES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// Priorities above everything that users run.
const CRITICAL: [&str; 2] = ["system-node-critical", "system-cluster-critical"];

/// Where network and storage of a node are set up.
const NODE_PATHS: [&str; 4] = ["/etc/cni", "/opt/cni", "/var/lib/cni", "/var/lib/kubelet"];

/// The label by which Pod Security Admission is told a level.
const POD_SECURITY: &str = "pod-security.kubernetes.io/enforce";

/// Namespaces by name, each with why.
pub type Protected = BTreeMap<String, String>;

/// Those that are protected whatever the cluster holds.
pub fn always(own: &str, named: &BTreeSet<String>) -> Protected {
    let named = named
        .iter()
        .map(|name| (name.as_str(), "named in webhook.protectedNamespaces"));
    let of_kubernetes = OF_KUBERNETES.map(|name| (name, "part of Kubernetes"));
    let own = [(own, "the gate's own")];
    let all = named.chain(of_kubernetes).chain(own);
    all.map(|(name, why)| (name.to_owned(), why.to_owned()))
        .collect()
}

/// Those in which a DaemonSet sets up the network or the storage of nodes. Its priority alone says nothing, anybody
/// may write it; and where Pod Security Admission forbids such pods, there are none.
pub fn of_daemon_sets(cluster: &Cluster) -> Protected {
    let mut found = Protected::new();
    for (namespace, objects) in cluster.namespaces() {
        let first = (WorkloadKind::DaemonSet, Box::from(""));
        let daemon_sets = objects
            .workloads
            .range(first..)
            .take_while(|((kind, _), _)| *kind == WorkloadKind::DaemonSet);
        let mut nodes_own = daemon_sets
            .map(|(_, workload)| workload)
            .filter(|workload| sets_up_nodes(workload.pod()));
        if let Some(workload) = nodes_own.next()
            && may_use_nodes(cluster, namespace)
        {
            found.insert(namespace.to_owned(), why(workload));
        }
    }
    found
}

fn sets_up_nodes(pod: &PodSpec) -> bool {
    let priority = pod.priority_class_name.as_deref().unwrap_or_default();
    let mut paths = pod
        .volumes
        .iter()
        .filter_map(|volume| volume.host_path.as_ref());
    CRITICAL.contains(&priority)
        && (pod.host_network == Some(true)
            || paths.any(|path| NODE_PATHS.iter().any(|begin| path.path.starts_with(begin))))
}

fn may_use_nodes(cluster: &Cluster, namespace: &str) -> bool {
    match cluster.around(namespace).namespace_labels() {
        Seen::Known(labels) => !labels
            .iter()
            .any(|(key, level)| key == POD_SECURITY && level != "privileged"),
        Seen::NotSeen(_) => false,
    }
}

fn why(workload: &Workload) -> String {
    let priority = workload.pod().priority_class_name.as_deref();
    format!(
        "{} sets up nodes ({})",
        workload.display_name(),
        priority.unwrap_or_default()
    )
}

/// Follows, while this replica leads, who answers the webhooks and API services of others.
pub(super) async fn follow(
    client: Client,
    mut leadership: Leadership,
    found: watch::Sender<Option<Protected>>,
) {
    loop {
        let leads = *leadership.borrow_and_update();
        let mut pause = EVERY;
        if leads {
            match of_backends(&client).await {
                Ok(backends) => {
                    found.send_if_modified(|known| {
                        let differs = known.as_ref() != Some(&backends);
                        *known = Some(backends);
                        differs
                    });
                }
                Err(err) => {
                    pause = AGAIN;
                    warn!(error = %err, "it could not be found out which namespaces need protection");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            turned = leadership.changed() => if turned.is_err() {
                return;
            }
        }
    }
}

/// Those from which webhooks that fail closed, and API services, are answered: what must be up before anything else
/// can be changed.
pub async fn of_backends(client: &Client) -> Result<Protected, kube::Error> {
    let mut found = Protected::new();
    for configuration in listed::<ValidatingWebhookConfiguration>(client).await? {
        let name = configuration.name_any();
        for webhook in configuration.webhooks.iter().flatten() {
            let policy = webhook.failure_policy.as_deref();
            let from = format!("ValidatingWebhookConfiguration/{name}");
            add(&mut found, &webhook.client_config, policy, &from);
        }
    }
    for configuration in listed::<MutatingWebhookConfiguration>(client).await? {
        let name = configuration.name_any();
        for webhook in configuration.webhooks.iter().flatten() {
            let policy = webhook.failure_policy.as_deref();
            let from = format!("MutatingWebhookConfiguration/{name}");
            add(&mut found, &webhook.client_config, policy, &from);
        }
    }
    for service in listed::<APIService>(client).await? {
        let name = service.name_any();
        let namespace = service.spec.and_then(|spec| spec.service?.namespace);
        if let Some(namespace) = namespace {
            let why = format!("APIService/{name} is served from here");
            found.entry(namespace).or_insert(why);
        }
    }
    Ok(found)
}

fn add(
    found: &mut Protected,
    config: &WebhookClientConfig,
    failure_policy: Option<&str>,
    from: &str,
) {
    let fails_closed = failure_policy != Some("Ignore");
    if let (true, Some(service)) = (fails_closed, &config.service) {
        let why = format!("{from} fails closed and is answered from here");
        found.entry(service.namespace.clone()).or_insert(why);
    }
}

/// All objects of a kind; none where it is not there, or may not be seen: a missing right is told as such.
async fn listed<K>(client: &Client) -> Result<Vec<K>, kube::Error>
where
    K: kube::Resource<DynamicType = (), Scope = k8s_openapi::ClusterResourceScope>
        + Clone
        + DeserializeOwned
        + std::fmt::Debug,
{
    let api: Api<K> = Api::all(client.clone());
    match api.list(&ListParams::default()).await {
        Ok(list) => Ok(list.items),
        Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404) => Ok(Vec::new()),
        Err(err) => Err(err),
    }
}

#[cfg(test)]
mod tests {
    use prodready_engine::{
        object::resource::{Known, Resource},
        surroundings::{Cluster, Completeness},
    };
    use serde_json::{Value, json};

    use super::*;

    fn with(namespace_labels: &Value, pod: &Value) -> Vec<(String, String)> {
        let mut cluster = Cluster::new(Completeness::complete());
        let namespace = json!({"metadata": {"name": "network", "labels": namespace_labels}});
        let kind = Known::find("v1", "Namespace").unwrap();
        cluster.insert(Resource::read(kind, namespace).unwrap());
        let daemon_set = json!({
            "metadata": {"name": "agent", "namespace": "network"},
            "spec": {"template": {"spec": pod}},
        });
        let kind = Known::find("apps/v1", "DaemonSet").unwrap();
        cluster.insert(Resource::read(kind, daemon_set).unwrap());
        of_daemon_sets(&cluster).into_iter().collect()
    }

    #[test]
    fn a_daemon_set_protects_its_namespace_where_it_sets_up_nodes() {
        let network = json!({"priorityClassName": "system-node-critical", "hostNetwork": true});
        let storage = json!({
            "priorityClassName": "system-cluster-critical",
            "volumes": [{"name": "plugins", "hostPath": {"path": "/var/lib/kubelet/plugins"}}],
        });
        for (pod, priority) in [
            (&network, "system-node-critical"),
            (&storage, "system-cluster-critical"),
        ] {
            let why = format!("DaemonSet/agent sets up nodes ({priority})");
            assert_eq!(with(&json!({}), pod), [("network".to_owned(), why)]);
        }
    }

    #[test]
    fn a_priority_alone_protects_nothing_nor_does_what_pod_security_forbids() {
        let nothing: [(String, String); 0] = [];
        let important = json!({"priorityClassName": "system-node-critical"});
        assert_eq!(with(&json!({}), &important), nothing);
        let network = json!({"hostNetwork": true});
        assert_eq!(with(&json!({}), &network), nothing);
        let both = json!({"priorityClassName": "system-node-critical", "hostNetwork": true});
        assert_eq!(with(&json!({POD_SECURITY: "baseline"}), &both), nothing);
    }
}
