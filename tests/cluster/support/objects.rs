//! Workloads as tests need them.

use serde_json::{Value, json};

/// The only container of a pod: privileged, or such that no check which denies in these tests fails.
pub(crate) fn container(privileged: bool) -> Value {
    json!({"name": "web", "image": "shop/web:1.4.2", "securityContext": {"privileged": privileged}})
}

/// A bare Pod.
pub(crate) fn pod(namespace: &str, name: &str, privileged: bool) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [container(privileged)]},
    })
}

/// A Deployment whose pods have the label `app` with its name.
pub(crate) fn deployment(namespace: &str, name: &str, privileged: bool) -> Value {
    workload("apps/v1", "Deployment", namespace, name, privileged)
}

/// Any kind with a selector and a pod template.
pub(crate) fn workload(
    api_version: &str,
    kind: &str,
    namespace: &str,
    name: &str,
    privileged: bool,
) -> Value {
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container(privileged)]},
            },
        },
    })
}

/// A Job whose pod runs once.
pub(crate) fn job(namespace: &str, name: &str, privileged: bool) -> Value {
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": pod_of_job(privileged)},
    })
}

/// A CronJob that never becomes due.
pub(crate) fn cron_job(namespace: &str, name: &str, privileged: bool) -> Value {
    json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "schedule": "0 0 31 2 *",
            "jobTemplate": {"spec": {"template": pod_of_job(privileged)}},
        },
    })
}

fn pod_of_job(privileged: bool) -> Value {
    json!({"spec": {"restartPolicy": "Never", "containers": [container(privileged)]}})
}
