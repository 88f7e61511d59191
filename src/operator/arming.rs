//! Writes the gate's configurations, and leaves one alone once somebody has deleted it: that is how a gate is
//! switched off in an emergency, and it must stay off.

use std::{
    marker::PhantomData,
    time::{Duration, Instant},
};

use k8s_openapi::api::{
    admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
    coordination::v1::Lease,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use tracing::{info, warn};

use crate::{
    rights::Names,
    webhook::configuration::{self, Configuration, Written},
};

/// On the Lease, which every replica knows and which lasts as long as the release: the configuration has
/// been there. Where it is absent all the same, somebody deleted it.
pub const REGISTERED: &str = "prodready.dev/gate-registered";

/// The same of the configuration for what is filled in.
pub const DEFAULTS_REGISTERED: &str = "prodready.dev/defaults-registered";

/// Whether the API server can ask the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Armed {
    /// It can, as far as policies want it.
    Yes,
    /// Somebody deleted the configuration.
    Removed,
}

/// Writes both configurations.
#[derive(Debug)]
pub(super) struct Configurations {
    validating: Arming<ValidatingWebhookConfiguration>,
    defaults: Arming<MutatingWebhookConfiguration>,
}

impl Configurations {
    /// Nothing is known yet.
    pub(super) fn new(names: &Names) -> Self {
        Self {
            validating: Arming::new(names, REGISTERED),
            defaults: Arming::new(names, DEFAULTS_REGISTERED),
        }
    }

    /// Has the validating one say what is wanted.
    pub(super) async fn keep(
        &mut self,
        client: &Client,
        wanted: &ValidatingWebhookConfiguration,
    ) -> Armed {
        self.validating.keep(client, Some(wanted)).await
    }

    /// Has the one for what is filled in say what is wanted, or takes it away where nothing is.
    pub(super) async fn keep_defaults(
        &mut self,
        client: &Client,
        wanted: Option<&MutatingWebhookConfiguration>,
    ) -> Armed {
        self.defaults.keep(client, wanted).await
    }
}

/// How long a configuration that nobody wants is not looked for: an operator of before, or a backup, may have left one.
const LOOKED_FOR_AGAIN: Duration = Duration::from_secs(30);

/// Writes one configuration while nobody has deleted it.
#[derive(Debug)]
struct Arming<K> {
    configuration: String,
    namespace: String,
    lease: String,
    /// The annotation of the Lease.
    note: &'static str,
    /// Whether the Lease says that the configuration has been there.
    noted: bool,
    /// When it was seen last that nothing is wanted and nothing is there.
    idle: Option<Instant>,
    state: Armed,
    kind: PhantomData<fn() -> K>,
}

impl<K: Configuration> Arming<K> {
    /// Nothing is known yet.
    fn new(names: &Names, note: &'static str) -> Self {
        Self {
            configuration: names.configuration.clone(),
            namespace: names.namespace.clone(),
            lease: names.lease.clone(),
            note,
            noted: false,
            idle: None,
            state: Armed::Yes,
            kind: PhantomData,
        }
    }

    /// Has the configuration say what is wanted, or takes it away where nothing is, and tells whether it may.
    async fn keep(&mut self, client: &Client, wanted: Option<&K>) -> Armed {
        let kind = K::kind(&());
        match self.try_to_keep(client, wanted).await {
            Ok(state) => {
                if state == Armed::Removed && self.state != state {
                    warn!(
                        %kind,
                        "somebody deleted the gate's configuration: it is left so until `prodready gate on`"
                    );
                }
                self.state = state;
            }
            Err(err) => {
                warn!(%kind, error = %err, "the gate's configuration could not be written and is tried again");
            }
        }
        self.state
    }

    async fn try_to_keep(
        &mut self,
        client: &Client,
        wanted: Option<&K>,
    ) -> Result<Armed, kube::Error> {
        // Most clusters never want one: they are not asked every second whether they have one.
        let idle = self.idle.filter(|_| wanted.is_none());
        if idle.is_some_and(|since| since.elapsed() < LOOKED_FOR_AGAIN) {
            return Ok(self.state);
        }
        let found = configuration::find::<K>(client, &self.configuration).await?;
        self.idle = (found.is_none() && wanted.is_none()).then(Instant::now);
        match (found, wanted) {
            (Some(found), None) => self.take_away(client, &found).await,
            (None, None) => Ok(self.state),
            (found, Some(wanted)) => self.write(client, found.as_ref(), wanted).await,
        }
    }

    async fn write(
        &mut self,
        client: &Client,
        found: Option<&K>,
        wanted: &K,
    ) -> Result<Armed, kube::Error> {
        if found.is_none() {
            self.noted = self.is_noted(client).await?;
            if self.noted {
                return Ok(Armed::Removed);
            }
        }
        let written = configuration::write(client, found, wanted).await?;
        if written == Written::Changed {
            info!(kind = %K::kind(&()), "the gate's configuration was written");
        }
        // `prodready gate on` has the Lease forget it, also where it was there.
        if written == Written::Changed || !self.noted {
            self.note(client, &json!("true")).await?;
            self.noted = true;
        }
        Ok(Armed::Yes)
    }

    /// The Lease forgets it first: else it would seem that somebody deleted it, if we ended in between.
    async fn take_away(&mut self, client: &Client, found: &K) -> Result<Armed, kube::Error> {
        self.note(client, &Value::Null).await?;
        self.noted = false;
        configuration::remove(client, found).await?;
        info!(kind = %K::kind(&()), "the gate's configuration was taken away: no policy wants it");
        Ok(Armed::Yes)
    }

    async fn is_noted(&self, client: &Client) -> Result<bool, kube::Error> {
        let leases: Api<Lease> = Api::namespaced(client.clone(), &self.namespace);
        let lease = leases.get_opt(&self.lease).await?;
        let annotations = lease.and_then(|lease| lease.metadata.annotations);
        Ok(annotations.is_some_and(|annotations| annotations.contains_key(self.note)))
    }

    async fn note(&self, client: &Client, value: &Value) -> Result<(), kube::Error> {
        let noted = json!({self.note: value});
        annotate(client, &self.namespace, &self.lease, &noted).await
    }
}

/// Has the gate's configurations written again by the operator that leads: those that were deleted, and those that
/// were changed.
pub async fn rearm(
    client: &Client,
    namespace: &str,
    lease: &str,
    configuration: &str,
) -> Result<(), kube::Error> {
    let forgotten = json!({REGISTERED: null, DEFAULTS_REGISTERED: null});
    annotate(client, namespace, lease, &forgotten).await?;
    configuration::forget::<ValidatingWebhookConfiguration>(client, configuration).await?;
    configuration::forget::<MutatingWebhookConfiguration>(client, configuration).await
}

async fn annotate(
    client: &Client,
    namespace: &str,
    lease: &str,
    annotations: &Value,
) -> Result<(), kube::Error> {
    let leases: Api<Lease> = Api::namespaced(client.clone(), namespace);
    let change = json!({"metadata": {"annotations": annotations}});
    leases
        .patch(lease, &PatchParams::default(), &Patch::Merge(&change))
        .await
        .map(drop)
}
