//! Exceptions, the two people who ask for them and approve them, and what comes of it.

use jiff::{Timestamp, ToSpan as _};
use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, Client, api::PostParams};
use prodready_engine::api::{
    condition::ConditionStatus,
    exception::{ReadinessException, ReadinessExceptionStatus},
};
use prodready_testkit::{ControlPlane, Ran, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use super::{LIMIT, objects::deployment};

/// Asks for exceptions: has the built-in role `admin` in the namespace.
pub(crate) const ASKS: &str = "tina";

/// Approves exceptions: has the chart's role for that in the namespace.
pub(crate) const APPROVES: &str = "olga";

/// An exception of `privileged-container` for Deployment/payments, as [`ASKS`] would write it.
pub(crate) fn exception(namespace: &str, name: &str, end: Timestamp) -> Value {
    json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ReadinessException",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "workloads": [{"kind": "Deployment", "name": "payments"}],
            "checks": ["privileged-container"],
            "reason": "the vendor's agent needs it until release 4.2",
            "expirationTime": seconds(end),
            "requestedBy": ASKS,
        },
    })
}

pub(crate) fn in_a_month() -> Timestamp {
    Timestamp::now() + (30 * 24).hours()
}

pub(crate) fn seconds(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Gives the two users their roles, and waits until they have them.
pub(crate) async fn give_roles(plane: &ControlPlane, namespace: &str) {
    for (user, role) in [(ASKS, "admin"), (APPROVES, "prodready-approve")] {
        let (of_role, of_user) = (format!("--clusterrole={role}"), format!("--user={user}"));
        let bind = [
            "create",
            "rolebinding",
            user,
            "-n",
            namespace,
            &of_role,
            &of_user,
        ];
        kubectl(plane, &bind).await.expect_success();
    }
    let may = [
        "auth",
        "can-i",
        "create",
        "readinessexceptions.prodready.dev",
        "-n",
        namespace,
    ];
    wait("the role admin has the chart's rights", LIMIT, async || {
        let asked = kubectl(plane, &[&may[..], &["--as", ASKS]].concat()).await;
        if asked.stdout.trim() == "yes" {
            Ok(())
        } else {
            Err(asked.to_string())
        }
    })
    .await;
}

pub(crate) async fn create_as(plane: &ControlPlane, user: &str, object: &Value) -> Ran {
    kubectl_with_input(
        plane,
        &["create", "--as", user, "-f", "-"],
        &object.to_string(),
    )
    .await
}

/// Changes the spec of the exception `agent`.
pub(crate) async fn patch_as(
    plane: &ControlPlane,
    user: &str,
    namespace: &str,
    spec: Value,
) -> Ran {
    let patch = json!({"spec": spec}).to_string();
    let patch = [
        "patch",
        "rex",
        "agent",
        "-n",
        namespace,
        "--type=merge",
        "-p",
        &patch,
        "--as",
        user,
    ];
    kubectl(plane, &patch).await
}

/// Has [`APPROVES`] approve the exception `agent`.
pub(crate) async fn approve(plane: &ControlPlane, namespace: &str) {
    let approval = json!({"approvedBy": APPROVES});
    patch_as(plane, APPROVES, namespace, approval)
        .await
        .expect_success();
}

/// Waits until the gate lets the Deployment through.
pub(crate) async fn wait_until_let_through(client: &Client, namespace: &str) {
    wait("the Deployment is let through", LIMIT, async || {
        refusal(client, namespace).await.map_or(Ok(()), Err)
    })
    .await;
}

pub(crate) async fn wait_for_status(
    client: &Client,
    namespace: &str,
    name: &str,
    is_wanted: impl Fn(&ReadinessExceptionStatus) -> bool,
) -> ReadinessExceptionStatus {
    let exceptions: Api<ReadinessException> = Api::namespaced(client.clone(), namespace);
    wait(
        &format!("exception {namespace}/{name}"),
        LIMIT,
        async || {
            let found = exceptions.get(name).await.map_err(|err| err.to_string())?;
            match found.status {
                Some(status) if is_wanted(&status) => Ok(status),
                status => Err(format!("{status:?}")),
            }
        },
    )
    .await
}

/// Status and reason of a condition.
pub(crate) fn condition<'a>(
    status: &'a ReadinessExceptionStatus,
    type_: &str,
) -> (ConditionStatus, &'a str) {
    let found = status.conditions.iter().find(|each| each.type_ == type_);
    found.map_or((ConditionStatus::Unknown, ""), |each| {
        (each.status, &each.reason)
    })
}

/// What the gate answers to the Deployment, of which nothing is stored: nothing, or the denial.
pub(crate) async fn refusal(client: &Client, namespace: &str) -> Option<String> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let mut tried = deployment(namespace, "payments", true);
    tried["metadata"]["labels"] = json!({"tried": "yes"});
    let object = serde_json::from_value(tried).unwrap();
    let dry_run = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let answer = match api.get_opt("payments").await.unwrap() {
        Some(_) => api.replace("payments", &dry_run, &object).await,
        None => api.create(&dry_run, &object).await,
    };
    match answer {
        Ok(_) => None,
        Err(kube::Error::Api(status)) if status.code == 403 => Some(status.message.clone()),
        Err(err) => panic!("{err}"),
    }
}

pub(crate) fn denying() -> Value {
    json!({"denySeverities": [], "denyChecks": ["privileged-container"]})
}
