//! The kinds of workloads: where things are, and objects with faults that nobody runs.

use serde_json::{Value, json};

use crate::support::objects;

/// A kind of workload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    plural: &'static str,
    api: &'static str,
    /// Where its container is.
    container: &'static str,
    /// A status that it may have.
    status: &'static str,
}

/// What is wrong with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A privileged container.
    Privileged,
    /// One that every kind lets be mended and made: a tag that moves; of a Job, whose template never changes, no
    /// deadline.
    Other,
}

/// What an update does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    /// Something that no check asks about.
    Neutral,
    /// Brings [`Fault::Other`] in.
    Worse,
    /// Takes [`Fault::Other`] out.
    Mending,
}

const OF_TEMPLATE: &str = "/spec/template/spec/containers/0";
const OF_GENERATION: &str = r#"{"observedGeneration": 1}"#;

pub(super) const KINDS: [Kind; 7] = [
    Kind {
        name: "Deployment",
        plural: "deployments",
        api: "apis/apps/v1",
        container: OF_TEMPLATE,
        status: OF_GENERATION,
    },
    Kind {
        name: "StatefulSet",
        plural: "statefulsets",
        api: "apis/apps/v1",
        container: OF_TEMPLATE,
        status: OF_GENERATION,
    },
    Kind {
        name: "DaemonSet",
        plural: "daemonsets",
        api: "apis/apps/v1",
        container: OF_TEMPLATE,
        status: OF_GENERATION,
    },
    Kind {
        name: "ReplicaSet",
        plural: "replicasets",
        api: "apis/apps/v1",
        container: OF_TEMPLATE,
        status: OF_GENERATION,
    },
    Kind {
        name: "Job",
        plural: "jobs",
        api: "apis/batch/v1",
        container: OF_TEMPLATE,
        status: r#"{"ready": 0}"#,
    },
    Kind {
        name: "CronJob",
        plural: "cronjobs",
        api: "apis/batch/v1",
        container: "/spec/jobTemplate/spec/template/spec/containers/0",
        status: r#"{"lastScheduleTime": "2026-01-01T00:00:00Z"}"#,
    },
    Kind {
        name: "Pod",
        plural: "pods",
        api: "api/v1",
        container: "/spec/containers/0",
        status: r#"{"message": "waits"}"#,
    },
];

impl Kind {
    /// The kind of a name in the table.
    pub(super) fn named(name: &str) -> Self {
        KINDS.into_iter().find(|kind| kind.name == name).unwrap()
    }

    /// Those with a `scale`.
    pub(super) fn with_scale() -> impl Iterator<Item = Self> {
        ["Deployment", "StatefulSet", "ReplicaSet"]
            .into_iter()
            .map(Self::named)
    }

    /// The path of all of them in a namespace.
    pub(super) fn all(self, namespace: &str) -> String {
        format!("/{}/namespaces/{namespace}/{}", self.api, self.plural)
    }

    /// The path of one of them.
    pub(super) fn one(self, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.all(namespace))
    }

    /// The status that the table gives it, as a merge patch.
    pub(super) fn status(self) -> Value {
        let status: Value = serde_json::from_str(self.status).unwrap();
        json!({"status": status})
    }

    /// An object with these faults and no others that deny, of which no pod ever runs.
    pub(super) fn object(self, namespace: &str, name: &str, faults: &[Fault]) -> Value {
        let is_privileged = faults.contains(&Fault::Privileged);
        let mut object = match self.name {
            "Job" => objects::job(namespace, name, is_privileged),
            "CronJob" => objects::cron_job(namespace, name, is_privileged),
            "Pod" => objects::pod(namespace, name, is_privileged),
            of_apps => objects::workload("apps/v1", of_apps, namespace, name, is_privileged),
        };
        let spec = &mut object["spec"];
        match self.name {
            "Job" => {
                spec["suspend"] = json!(true);
                spec["activeDeadlineSeconds"] = json!(600);
            }
            "CronJob" => spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] = json!(600),
            "Pod" => spec["schedulerName"] = json!("nobody"),
            "DaemonSet" => {
                spec["template"]["spec"]["nodeSelector"] = json!({"example.com/no": "node"});
            }
            _ => spec["replicas"] = json!(0),
        }
        if faults.contains(&Fault::Other) {
            if self.name == "Job" {
                spec.as_object_mut()
                    .unwrap()
                    .remove("activeDeadlineSeconds");
            } else {
                *object
                    .pointer_mut(&format!("{}/image", self.container))
                    .unwrap() = json!("shop/web:latest");
            }
        }
        object
    }

    /// An update, as a JSON Patch.
    pub(super) fn patch(self, change: Change) -> Value {
        if self.name == "Job" {
            let deadline = "/spec/activeDeadlineSeconds";
            return match change {
                Change::Neutral => {
                    json!([{"op": "replace", "path": "/spec/backoffLimit", "value": 4}])
                }
                Change::Worse => json!([{"op": "remove", "path": deadline}]),
                Change::Mending => json!([{"op": "add", "path": deadline, "value": 600}]),
            };
        }
        let image = match change {
            Change::Neutral => "shop/web:1.4.3",
            Change::Worse => "shop/web:latest",
            Change::Mending => "shop/web:1.4.2",
        };
        json!([{"op": "replace", "path": format!("{}/image", self.container), "value": image}])
    }
}
