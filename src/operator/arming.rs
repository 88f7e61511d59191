//! Writes the gate's configuration, and leaves it alone once somebody has deleted it: that is how a gate is
//! switched off in an emergency, and it must stay off.

use k8s_openapi::api::{
    admissionregistration::v1::ValidatingWebhookConfiguration, coordination::v1::Lease,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use tracing::{info, warn};

use crate::webhook::registration::{self, Written};

/// On the Lease, which every replica knows and which lasts as long as the release: the configuration has
/// been there. Where it is absent all the same, somebody deleted it.
pub const REGISTERED: &str = "prodready.dev/gate-registered";

/// Whether the API server can ask the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Armed {
    /// It can, as far as policies want it.
    Yes,
    /// Somebody deleted the configuration.
    Removed,
}

/// Writes the gate's configuration while nobody has deleted it.
#[derive(Debug)]
pub(super) struct Arming {
    namespace: String,
    lease: String,
    /// Whether the Lease says that the configuration has been there.
    noted: bool,
    state: Armed,
}

impl Arming {
    /// Nothing is known yet.
    pub(super) fn new(namespace: String, lease: String) -> Self {
        Self {
            namespace,
            lease,
            noted: false,
            state: Armed::Yes,
        }
    }

    /// Has the configuration say what is wanted, and tells whether it may.
    pub(super) async fn keep(
        &mut self,
        client: &Client,
        wanted: &ValidatingWebhookConfiguration,
    ) -> Armed {
        match self.try_to_keep(client, wanted).await {
            Ok(state) => {
                if state == Armed::Removed && self.state != state {
                    warn!(
                        "somebody deleted the gate's configuration: nothing is enforced until `prodready gate on`"
                    );
                }
                self.state = state;
            }
            Err(err) => {
                warn!(error = %err, "the gate's configuration could not be written and is tried again");
            }
        }
        self.state
    }

    async fn try_to_keep(
        &mut self,
        client: &Client,
        wanted: &ValidatingWebhookConfiguration,
    ) -> Result<Armed, kube::Error> {
        let found = registration::find(client, wanted).await?;
        if found.is_none() {
            self.noted = self.is_noted(client).await?;
            if self.noted {
                return Ok(Armed::Removed);
            }
        }
        if registration::write(client, found.as_ref(), wanted).await? == Written::Changed {
            info!("the gate's configuration was written");
        }
        if !self.noted {
            note(client, &self.namespace, &self.lease, &json!("true")).await?;
            self.noted = true;
        }
        Ok(Armed::Yes)
    }

    async fn is_noted(&self, client: &Client) -> Result<bool, kube::Error> {
        let leases: Api<Lease> = Api::namespaced(client.clone(), &self.namespace);
        let lease = leases.get_opt(&self.lease).await?;
        let annotations = lease.and_then(|lease| lease.metadata.annotations);
        Ok(annotations.is_some_and(|annotations| annotations.contains_key(REGISTERED)))
    }
}

/// Has the gate's configuration written again by the operator that leads: one that was deleted, and one that was
/// changed.
pub async fn rearm(
    client: &Client,
    namespace: &str,
    lease: &str,
    configuration: &str,
) -> Result<(), kube::Error> {
    note(client, namespace, lease, &Value::Null).await?;
    registration::forget(client, configuration).await
}

async fn note(
    client: &Client,
    namespace: &str,
    lease: &str,
    value: &Value,
) -> Result<(), kube::Error> {
    let leases: Api<Lease> = Api::namespaced(client.clone(), namespace);
    let annotation = json!({"metadata": {"annotations": {REGISTERED: value}}});
    leases
        .patch(lease, &PatchParams::default(), &Patch::Merge(&annotation))
        .await
        .map(drop)
}
