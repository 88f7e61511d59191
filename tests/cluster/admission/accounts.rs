//! Who creates × which owner is named: an ownerReference alone proves nothing.

use serde_json::{Value, json};

use super::{
    kinds::{Fault, Kind},
    settings::Setting,
    table::{Cell, Expected},
};
use crate::support::request::Sent;

/// Who creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Creator {
    Person,
    /// The account of the controller that makes objects of this kind.
    Controller,
}

/// The owner that the object names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Nobody,
    /// One of a kind of workload, as its controller.
    Controlling,
    /// The same, not as its controller.
    Other,
    /// One of a kind that nobody here knows, as its controller.
    Unknown,
}

/// A kind that controllers make: the account, and the kind of the owner.
const MADE: [(&str, &str, &str); 3] = [
    ("Pod", "replicaset-controller", "ReplicaSet"),
    ("ReplicaSet", "deployment-controller", "Deployment"),
    ("Job", "cronjob-controller", "CronJob"),
];

/// The rule for a bad object.
fn expected(setting: Setting, creator: Creator, owner: Owner) -> Expected {
    match (creator, owner) {
        (Creator::Controller, Owner::Controlling) => Expected::NeverAsked,
        (_, Owner::Unknown) => setting.of_fault_to_warn_of(),
        _ => setting.of_new_fault(),
    }
}

fn reference(owner: Owner, kind: &str) -> Option<Value> {
    let (api_version, kind) = match (owner, kind) {
        (Owner::Nobody, _) => return None,
        (Owner::Unknown, _) => ("example.com/v1", "Flotilla"),
        (_, "CronJob") => ("batch/v1", kind),
        _ => ("apps/v1", kind),
    };
    Some(json!([{
        "apiVersion": api_version,
        "kind": kind,
        "name": "web",
        "uid": "0c9ae6ff-3ac8-4a4d-9d2e-8f1b1a1d7d3e",
        "controller": owner != Owner::Other,
    }]))
}

fn owned(setting: Setting, made: (&str, &str, &str), creator: Creator, owner: Owner) -> Cell {
    let (kind, account, kind_of_owner) = made;
    let (kind, namespace) = (Kind::named(kind), setting.namespace());
    let name = format!("{creator:?}-{owner:?}").to_lowercase();
    let mut object = kind.object(namespace, &name, &[Fault::Privileged]);
    if let Some(references) = reference(owner, kind_of_owner) {
        object["metadata"]["ownerReferences"] = references;
    }
    let sent = Sent::create(&kind.all(namespace), object).in_dry_run();
    let sent = match creator {
        Creator::Person => sent,
        Creator::Controller => {
            let account = format!("system:serviceaccount:kube-system:{account}");
            sent.acting_as(&account, &[])
        }
    };
    Cell {
        what: format!("{} by {creator:?} with owner {owner:?}", kind.name),
        requests: vec![sent],
        expected: expected(setting, creator, owner),
        arrives: format!("CREATE {} {name}", kind.name),
    }
}

/// A Pod that says of itself that it mirrors one that a node runs from a file.
fn mirror(setting: Setting, by_node: bool) -> Cell {
    let (kind, namespace) = (Kind::named("Pod"), setting.namespace());
    let name = if by_node {
        "mirror-by-node"
    } else {
        "mirror-by-person"
    };
    let mut object = kind.object(namespace, name, &[Fault::Privileged]);
    object["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "of-a-file"});
    object["spec"]["nodeName"] = json!("node-a");
    let sent = Sent::create(&kind.all(namespace), object).in_dry_run();
    let (sent, expected) = if by_node {
        // The tests' API server knows no authorizer for nodes.
        let groups = ["system:nodes", "system:masters"];
        (
            sent.acting_as("system:node:node-a", &groups),
            Expected::NeverAsked,
        )
    } else {
        (sent, setting.of_new_fault())
    };
    Cell {
        what: format!("Pod {name}"),
        requests: vec![sent],
        expected,
        arrives: format!("CREATE Pod {name}"),
    }
}

pub(super) fn cells(setting: Setting) -> Vec<Cell> {
    let owners = [
        Owner::Nobody,
        Owner::Controlling,
        Owner::Other,
        Owner::Unknown,
    ];
    let mut cells = vec![mirror(setting, true), mirror(setting, false)];
    for made in MADE {
        for creator in [Creator::Person, Creator::Controller] {
            cells.extend(owners.map(|owner| owned(setting, made, creator, owner)));
        }
    }
    cells
}
