//! What a replica whose clock goes wrong writes: a certificate whose validity is by that clock, and a Lease.
//!
//! A process's own clock cannot be moved without a library that is preloaded into it; what others see of such a
//! clock is what it writes.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::{
    ByteString,
    api::{coordination::v1::Lease, core::v1::Secret},
};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams},
};
use prodready::webhook::certificate::{self, Maker, Place};
use serde_json::json;

use super::NAMESPACE;

/// Who holds the Lease by a wrong clock.
pub(crate) const STRANGER: &str = "a-replica-with-a-wrong-clock";

const LEASE: &str = "prodready";
const SECRET: &str = "prodready-certificate";

fn hours_away(hours: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(hours)
}

/// Stores a certificate as a replica would make it whose clock is so many hours ahead; the one that was stored
/// before, and this one.
pub(crate) async fn write_certificate(client: &Client, hours: i64) -> (ByteString, ByteString) {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), NAMESPACE);
    let place = Place {
        namespace: NAMESPACE.to_owned(),
        // Made beside the one that is in use, where nobody is faster.
        secret: format!("{STRANGER}-certificate"),
        service: "prodready".to_owned(),
        owner: None,
        maker: Maker::Operator,
    };
    let made = certificate::ensure(client, &place, None, hours_away(hours)).await;
    let made = made.unwrap();
    secrets
        .delete(&place.secret, &DeleteParams::default())
        .await
        .unwrap();
    let was = secrets.get(SECRET).await.unwrap();
    let change = json!({"stringData": {"ca.crt": made.ca, "tls.crt": made.certificate, "tls.key": made.key}});
    secrets
        .patch(SECRET, &PatchParams::default(), &Patch::Merge(&change))
        .await
        .unwrap();
    let was = was.data.unwrap().remove("tls.crt").unwrap();
    (was, ByteString(made.certificate.into_bytes()))
}

/// Takes the Lease, as a replica does whose clock is so many hours ahead, and never renews it.
pub(crate) async fn hold_the_lease(client: &Client, hours: i64) {
    let moment = hours_away(hours)
        .strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        .to_string();
    let held =
        json!({"spec": {"holderIdentity": STRANGER, "acquireTime": moment, "renewTime": moment}});
    leases(client)
        .patch(LEASE, &PatchParams::default(), &Patch::Merge(&held))
        .await
        .unwrap();
}

/// Who holds the Lease; nobody where it was given back.
pub(crate) async fn holder_of_the_lease(client: &Client) -> String {
    let lease = leases(client).get(LEASE).await.unwrap();
    let holder = lease.spec.and_then(|spec| spec.holder_identity);
    holder.unwrap_or_default()
}

fn leases(client: &Client) -> Api<Lease> {
    Api::namespaced(client.clone(), NAMESPACE)
}
