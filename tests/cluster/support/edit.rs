//! Objects read and edited by hand, as an administrator does.

use prodready_testkit::{ControlPlane, kubectl, wait};
use serde_json::Value;

use super::{LIMIT, NAMESPACE};

/// Edits an object, such as `service/prodready`, by a JSON Patch.
pub(crate) async fn patch(plane: &ControlPlane, object: &str, patch: &Value) {
    let patch = patch.to_string();
    let command = [
        "patch",
        object,
        "-n",
        NAMESPACE,
        "--type=json",
        "-p",
        &patch,
    ];
    kubectl(plane, &command).await.expect_success();
}

/// Reads an object.
pub(crate) async fn get(plane: &ControlPlane, object: &str) -> Value {
    let got = kubectl(plane, &["get", object, "-n", NAMESPACE, "-o", "json"]).await;
    serde_json::from_str(&got.expect_success()).unwrap()
}

/// Status and reason of a condition of the policy `default`, and its message.
pub(crate) async fn condition(plane: &ControlPlane, type_: &str) -> (String, String) {
    let policy = get(plane, "prp/default").await;
    let conditions = policy["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let found = conditions.into_iter().find(|each| each["type"] == type_);
    let found = found.unwrap_or_default();
    let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
    (
        format!("{} {}", text("status"), text("reason")),
        text("message"),
    )
}

/// Waits until a condition of the policy `default` has this status and reason.
pub(crate) async fn until(plane: &ControlPlane, type_: &str, wanted: &str) -> (String, String) {
    wait(&format!("{type_} is {wanted}"), LIMIT, async || {
        let found = condition(plane, type_).await;
        if found.0 == wanted {
            Ok(found)
        } else {
            Err(format!("{found:?}"))
        }
    })
    .await
}
