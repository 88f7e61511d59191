//! The gate's serving certificate and the authorities it is trusted by, kept in a Secret.
//!
//! Each new certificate has an authority of its own. The one before stays in the bundle, so that replicas
//! that still serve the old certificate are trusted while others serve the new one.

mod make;
mod trust;

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::{
    ByteString, api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};

/// On the Secret: whoever writes it wants a new certificate now, as after a key was seen by others.
pub const ROTATE: &str = "prodready.dev/rotate";

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// It could not be made.
    #[error("cannot make a certificate: {0}")]
    Making(#[from] rcgen::Error),
    /// A time is beyond what certificates can hold.
    #[error("cannot make a certificate for this date: {0}")]
    Date(String),
    /// The Secret could not be read or written.
    #[error("cannot read or write the certificate's Secret: {0}")]
    Api(#[from] kube::Error),
    /// Somebody else makes the certificate, and has not, or not a good one.
    #[error("Secret {name} holds no certificate that can be served: {source}")]
    Given {
        /// The Secret.
        name: String,
        /// What is wrong with it.
        source: Unusable,
    },
}

/// Why a certificate cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(String);

/// Authorities and a serving certificate, all as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The authorities for the `caBundle`: its own first, then the one before.
    pub ca: String,
    /// The serving certificate.
    pub certificate: String,
    /// The serving certificate's key.
    pub key: String,
}

/// Where the certificate is kept, and for whom it is made.
#[derive(Clone, Debug)]
pub struct Place {
    /// The namespace of the Secret and of the Service.
    pub namespace: String,
    /// The Secret.
    pub secret: String,
    /// The Service in front of the gate.
    pub service: String,
    /// What the Secret goes with.
    pub owner: Option<OwnerReference>,
    /// Who makes the certificate.
    pub maker: Maker,
}

/// Who makes the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Maker {
    /// The operator, which writes the Secret
    Operator,
    /// Somebody else, such as cert-manager: the Secret's `tls.crt`, `tls.key` and `ca.crt` are read and never written
    Other,
}

impl Certificate {
    /// Whether clients that trust these authorities accept it.
    pub fn is_trusted_by(&self, authorities: &str, place: &Place, now: Timestamp) -> bool {
        trust::accepted(authorities, &self.certificate, &place.names(), now).is_ok()
    }

    /// Whether it can be served.
    pub fn is_usable(&self, place: &Place, now: Timestamp) -> bool {
        trust::usable(self, &place.names(), now).is_ok()
    }

    /// When it ends, or the first of those that it is made of; nothing where it cannot be read.
    pub fn ends(&self) -> Option<Timestamp> {
        trust::end(&self.certificate)
    }

    /// The same, and the first authority of the one before it trusted too.
    fn after(self, before: &Self) -> Self {
        let first = before.ca.split_inclusive(END).next().unwrap_or_default();
        let ca = format!("{}\n{}\n", self.ca.trim_end(), first.trim());
        Self { ca, ..self }
    }
}

/// The line that ends a certificate in PEM.
const END: &str = "-----END CERTIFICATE-----";

/// What is to become of the Secret.
enum Step {
    /// It is good.
    Keep(Certificate),
    /// This is to be written into it.
    Write(Certificate),
}

/// The certificate of the Secret. Where it has none that will last, or somebody asks for another, a new one is
/// stored first. A Secret that was deleted or spoilt gets back what this process holds.
pub async fn ensure(
    client: &Client,
    place: &Place,
    held: Option<&Certificate>,
    now: Timestamp,
) -> Result<Certificate, CertificateError> {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), &place.namespace);
    let stored = secrets.get_opt(&place.secret).await?;
    let wanted = match step(place, stored.as_ref(), held, now)? {
        Step::Keep(found) => return Ok(found),
        Step::Write(wanted) => wanted,
    };
    let version = stored.and_then(|secret| secret.metadata.resource_version);
    let secret = secret(place, &wanted, version.clone());
    let written = match version {
        None => secrets.create(&PostParams::default(), &secret).await,
        Some(_) => {
            secrets
                .replace(&place.secret, &PostParams::default(), &secret)
                .await
        }
    };
    match written {
        Ok(_) => Ok(wanted),
        // Another replica was faster: its certificate is the one.
        Err(kube::Error::Api(status)) if status.code == 409 => secrets
            .get(&place.secret)
            .await
            .map(|secret| read(&secret).unwrap_or(wanted))
            .map_err(Into::into),
        Err(err) => Err(err.into()),
    }
}

fn step(
    place: &Place,
    stored: Option<&Secret>,
    held: Option<&Certificate>,
    now: Timestamp,
) -> Result<Step, CertificateError> {
    let names = place.names();
    let found = match stored.map(read) {
        None => Err(Unusable("there is no such Secret".to_owned())),
        Some(None) => Err(Unusable("tls.crt, tls.key or ca.crt is missing".to_owned())),
        Some(Some(found)) => trust::usable(&found, &names, now).map(|()| found),
    };
    if place.maker == Maker::Other {
        let name = place.secret.clone();
        return found
            .map(Step::Keep)
            .map_err(|source| CertificateError::Given { name, source });
    }
    let held = held.filter(|held| trust::usable(held, &names, now).is_ok());
    match (found, held) {
        (Ok(found), _) if trust::lasts(&found, &names, now) && !stored.is_some_and(asks) => {
            Ok(Step::Keep(found))
        }
        (Ok(found), _) => Ok(Step::Write(make::make(&names, now)?.after(&found))),
        (Err(_), Some(held)) => Ok(Step::Write(held.clone())),
        (Err(_), None) => Ok(Step::Write(make::make(&names, now)?)),
    }
}

fn asks(secret: &Secret) -> bool {
    let annotations = secret.metadata.annotations.as_ref();
    annotations.is_some_and(|annotations| annotations.contains_key(ROTATE))
}

impl Place {
    /// The name that the API server checks: `<service>.<namespace>.svc`. Certificates of our own have the longer
    /// form too; of others' it is not asked.
    fn names(&self) -> Vec<String> {
        let short = format!("{}.{}.svc", self.service, self.namespace);
        match self.maker {
            Maker::Operator => vec![short.clone(), format!("{short}.cluster.local")],
            Maker::Other => vec![short],
        }
    }
}

fn read(secret: &Secret) -> Option<Certificate> {
    let text = |key: &str| String::from_utf8(secret.data.as_ref()?.get(key)?.0.clone()).ok();
    Some(Certificate {
        ca: text("ca.crt")?,
        certificate: text("tls.crt")?,
        key: text("tls.key")?,
    })
}

fn secret(place: &Place, certificate: &Certificate, resource_version: Option<String>) -> Secret {
    let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
    Secret {
        metadata: ObjectMeta {
            name: Some(place.secret.clone()),
            namespace: Some(place.namespace.clone()),
            resource_version,
            owner_references: place.owner.clone().map(|owner| vec![owner]),
            labels: Some(BTreeMap::from([(
                "app.kubernetes.io/managed-by".to_owned(),
                "prodready".to_owned(),
            )])),
            ..ObjectMeta::default()
        },
        type_: Some("kubernetes.io/tls".to_owned()),
        data: Some(BTreeMap::from([
            ("ca.crt".to_owned(), bytes(&certificate.ca)),
            ("tls.crt".to_owned(), bytes(&certificate.certificate)),
            ("tls.key".to_owned(), bytes(&certificate.key)),
        ])),
        ..Secret::default()
    }
}

#[cfg(test)]
mod tests;
