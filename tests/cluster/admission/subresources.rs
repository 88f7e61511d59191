//! Sub-resources: `scale` is judged together with its parent; whatever else there is never arrives.

use kube::Client;
use prodready_testkit::wait;
use serde_json::{Value, json};

use super::{
    kinds::{Fault, Kind},
    settings::Setting,
    table::{Cell, Expected},
};
use crate::support::{LIMIT, request::Sent};

const AUTOSCALER: &str = "system:serviceaccount:kube-system:horizontal-pod-autoscaler";

/// A change of a number of replicas, where a policy wants three.
#[derive(Clone, Copy, Debug)]
struct Scaling {
    name: &'static str,
    from: u32,
    to: u32,
    by_autoscaler: bool,
}

const SCALINGS: [Scaling; 8] = [
    by_somebody("too-low", 3, 1),
    by_somebody("lower-still", 2, 1),
    by_somebody("higher", 3, 4),
    by_somebody("high-enough", 1, 3),
    by_somebody("nearer", 1, 2),
    by_somebody("off", 3, 0),
    by_somebody("the-same", 1, 1),
    Scaling {
        name: "by-autoscaler",
        from: 3,
        to: 1,
        by_autoscaler: true,
    },
];

const fn by_somebody(name: &'static str, from: u32, to: u32) -> Scaling {
    Scaling {
        name,
        from,
        to,
        by_autoscaler: false,
    }
}

impl Scaling {
    /// The rule: only what the number itself makes worse speaks, whatever else is wrong with the parent and with or
    /// without the ratchet.
    fn expected(self, setting: Setting) -> Expected {
        let is_short = |replicas: u32| (1..3).contains(&replicas);
        if self.by_autoscaler || self.from == self.to {
            Expected::NeverAsked
        } else if is_short(self.to) && self.to < self.from {
            setting.of_new_fault()
        } else {
            setting.of_no_fault()
        }
    }

    fn cell(self, kind: Kind, setting: Setting) -> Cell {
        let namespace = setting.namespace();
        let path = format!("{}/scale", kind.one(namespace, self.name));
        // Both ways in which clients scale; autoscalers have a right to the first alone.
        let sent = if self.by_autoscaler || self.to.is_multiple_of(2) {
            let scale = json!({
                "apiVersion": "autoscaling/v1",
                "kind": "Scale",
                "metadata": {"name": self.name, "namespace": namespace},
                "spec": {"replicas": self.to},
            });
            Sent::replace(&path, scale)
        } else {
            Sent::merge_patch(&path, json!({"spec": {"replicas": self.to}}))
        };
        let sent = if self.by_autoscaler {
            sent.acting_as(AUTOSCALER, &[])
        } else {
            sent
        };
        Cell {
            what: format!("scale of {}: {}", kind.name, self.name),
            requests: vec![sent],
            expected: self.expected(setting),
            arrives: format!("UPDATE {} {}", kind.name, self.name),
        }
    }
}

/// Sub-resources of Pods that change what is stored, on a bad Pod.
const OF_PODS: [&str; 5] = [
    "ephemeralcontainers",
    "resize",
    "eviction",
    "binding",
    "status",
];

fn of_pod(namespace: &str, subresource: &str) -> Sent {
    let name = name_of_pod(subresource);
    let path = format!("{}/{subresource}", Kind::named("Pod").one(namespace, &name));
    match subresource {
        "ephemeralcontainers" => {
            let debugger = json!({"name": "debugger", "image": "busybox", "securityContext": {"privileged": true}});
            Sent::strategic_patch(&path, json!({"spec": {"ephemeralContainers": [debugger]}}))
        }
        "resize" => {
            let resources = json!({"requests": {"cpu": "20m"}, "limits": {"cpu": "200m"}});
            let container = json!({"name": "web", "resources": resources});
            Sent::strategic_patch(&path, json!({"spec": {"containers": [container]}}))
        }
        "eviction" => Sent::create(
            &path,
            json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}),
        ),
        "binding" => Sent::create(
            &path,
            json!({
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": name, "namespace": namespace},
                "target": {"apiVersion": "v1", "kind": "Node", "name": "node-a"},
            }),
        ),
        _ => Sent::merge_patch(&path, json!({"status": {"reason": "Waiting"}})),
    }
}

fn name_of_pod(subresource: &str) -> String {
    format!("pod-for-{subresource}")
}

/// What is there before the policy comes.
pub(super) fn before(namespace: &str) -> Vec<Sent> {
    let parents = Kind::with_scale().flat_map(|kind| {
        SCALINGS.map(|scaling| {
            let mut parent = kind.object(namespace, scaling.name, &[Fault::Privileged]);
            parent["spec"]["replicas"] = json!(scaling.from);
            parent["spec"]["template"]["spec"]["schedulerName"] = json!("nobody");
            Sent::create(&kind.all(namespace), parent)
        })
    });
    let kind = Kind::named("Pod");
    let pods = OF_PODS.map(|subresource| {
        let mut pod = kind.object(namespace, &name_of_pod(subresource), &[Fault::Privileged]);
        let resources = json!({"requests": {"cpu": "10m"}, "limits": {"cpu": "100m"}});
        pod["spec"]["containers"][0]["resources"] = resources;
        Sent::create(&kind.all(namespace), pod)
    });
    parents.chain(pods).collect()
}

/// Waits until the operator knows every parent: a scale is judged from memory.
pub(super) async fn are_known(client: &Client, namespace: &str) {
    let path = format!("/apis/prodready.dev/v1alpha1/namespaces/{namespace}/readinessreports");
    let wanted: Vec<String> = Kind::with_scale()
        .flat_map(|kind| {
            SCALINGS.map(|scaling| format!("{}-{}", kind.name.to_lowercase(), scaling.name))
        })
        .collect();
    wait("every parent has a report", LIMIT, async || {
        let reports = Sent::read(&path).send(client).await.body;
        let is_there = |name: &String| {
            let mut reports = reports["items"].as_array().into_iter().flatten();
            reports.any(|report: &Value| report["metadata"]["name"] == name.as_str())
        };
        let missing: Vec<&String> = wanted.iter().filter(|name| !is_there(name)).collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("{missing:?}"))
        }
    })
    .await;
}

pub(super) fn cells(setting: Setting) -> Vec<Cell> {
    let scalings =
        Kind::with_scale().flat_map(|kind| SCALINGS.map(|scaling| scaling.cell(kind, setting)));
    let of_pods = OF_PODS.map(|subresource| Cell {
        what: format!("pods/{subresource}"),
        requests: vec![of_pod(setting.namespace(), subresource)],
        expected: Expected::NeverAsked,
        arrives: format!("UPDATE Pod {}", name_of_pod(subresource)),
    });
    scalings.chain(of_pods).collect()
}
