//! Keeps the serving certificate valid, and every replica on the same one, without a refused request.
//!
//! A new certificate is served once the API server is told to trust it; the old one stays trusted meanwhile.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt as _;
use jiff::Timestamp;
use k8s_openapi::api::{
    admissionregistration::v1::{
        MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookClientConfig,
    },
    core::v1::Secret,
};
use kube::{
    Api, Client,
    runtime::{WatchStreamExt as _, watcher},
};
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::{
    telemetry::metrics::CertificateMetrics,
    webhook::{
        certificate::{self, Certificate, Place},
        configuration::find,
        tls::Serving,
    },
};

/// How often the certificate is looked at, beside every change of its Secret.
const EVERY: Duration = Duration::from_secs(30);

/// How often it is looked whether the API server was told of a new certificate.
const PENDING: Duration = Duration::from_secs(1);

/// From the moment that the configuration trusts a certificate until every API server has read it.
const SETTLED: Duration = Duration::from_secs(5);

/// What follows the Secret.
pub(super) struct Renewal {
    pub(super) client: Client,
    pub(super) place: Place,
    /// The name of both webhook configurations.
    pub(super) configuration: String,
    pub(super) serving: Arc<Serving>,
    pub(super) metrics: CertificateMetrics,
    /// What is served.
    pub(super) served: Certificate,
    /// The authorities that the API server is to trust.
    pub(super) bundle: watch::Sender<String>,
}

impl Renewal {
    /// Follows the Secret, and makes a new certificate in time.
    pub(super) async fn keep(mut self) {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), &self.place.namespace);
        let changes = watcher::watch_object(secrets, &self.place.secret).default_backoff();
        let mut changes = std::pin::pin!(changes);
        let mut trusted_since = None;
        let mut pause = EVERY;
        loop {
            tokio::select! {
                _ = changes.next() => {}
                () = tokio::time::sleep(pause) => {}
            }
            pause = match self.look(&mut trusted_since).await {
                Ok(Looked::Current) => EVERY,
                Ok(Looked::Pending) => PENDING,
                Err(err) => {
                    warn!(error = %err, "the certificate could not be looked at");
                    PENDING
                }
            };
        }
    }

    async fn look(
        &mut self,
        trusted_since: &mut Option<Instant>,
    ) -> Result<Looked, certificate::CertificateError> {
        let now = Timestamp::now();
        let held = Some(&self.served);
        let found = certificate::ensure(&self.client, &self.place, held, now).await?;
        self.publish(&found, now);
        if found == self.served {
            *trusted_since = None;
            return Ok(Looked::Current);
        }
        let same_leaf = found.certificate == self.served.certificate;
        if self.served.is_usable(&self.place, now) && !same_leaf {
            if !self.is_published(&found, now).await? {
                *trusted_since = None;
                return Ok(Looked::Pending);
            }
            let since = *trusted_since.get_or_insert_with(Instant::now);
            if since.elapsed() < SETTLED {
                return Ok(Looked::Pending);
            }
        }
        *trusted_since = None;
        match self.serving.set(&found.certificate, &found.key) {
            Ok(()) => {
                info!("serving a new certificate");
                self.metrics.served(found.ends());
                self.served = found;
                let served = self.served.clone();
                self.publish(&served, now);
                Ok(Looked::Current)
            }
            Err(err) => {
                error!(error = %err, "the new certificate cannot be served; the old one stays");
                Ok(Looked::Pending)
            }
        }
    }

    /// Has both trusted: what was found, and what is served until that is published.
    fn publish(&self, found: &Certificate, now: Timestamp) {
        let mut bundle = found.ca.clone();
        if !self.served.is_trusted_by(&bundle, &self.place, now) {
            bundle = format!("{}\n{}", bundle.trim_end(), self.served.ca);
        }
        self.bundle.send_if_modified(|known| {
            let is_new = *known != bundle;
            *known = bundle;
            is_new
        });
    }

    /// Whether everything that the API server may call the gate by trusts a certificate.
    async fn is_published(
        &self,
        certificate: &Certificate,
        now: Timestamp,
    ) -> Result<bool, kube::Error> {
        let mut bundles = self.callers().await?.into_iter().map(|by| by.ca_bundle);
        Ok(bundles.all(|bundle| {
            let bundle = bundle.map(|bundle| String::from_utf8_lossy(&bundle.0).into_owned());
            bundle.is_some_and(|bundle| certificate.is_trusted_by(&bundle, &self.place, now))
        }))
    }

    /// By what the API server calls the gate. What may not be read was not written by us either.
    async fn callers(&self) -> Result<Vec<WebhookClientConfig>, kube::Error> {
        let (client, name) = (&self.client, &self.configuration);
        let validating = find::<ValidatingWebhookConfiguration>(client, name).await?;
        let mutating = match find::<MutatingWebhookConfiguration>(client, name).await {
            Err(kube::Error::Api(status)) if status.code == 403 => None,
            other => other?,
        };
        let validating = validating.and_then(|found| found.webhooks);
        let mutating = mutating.and_then(|found| found.webhooks);
        let validating = validating.into_iter().flatten();
        let mutating = mutating.into_iter().flatten();
        Ok(validating
            .map(|entry| entry.client_config)
            .chain(mutating.map(|entry| entry.client_config))
            .collect())
    }
}

/// What a look came to.
enum Looked {
    /// What is stored is served.
    Current,
    /// What is stored is not served yet.
    Pending,
}
