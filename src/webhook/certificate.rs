//! The gate's own certificate authority and serving certificate, kept in a Secret.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::{
    ByteString, api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};

/// How long the authority is valid.
const CA_VALIDITY: SignedDuration = SignedDuration::from_hours(24 * 365);

/// How long a serving certificate is valid.
const LEAF_VALIDITY: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A certificate is made anew once less than this is left of it.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Clocks that run a little behind must not refuse a new certificate.
const BACKDATED: SignedDuration = SignedDuration::from_hours(1);

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
}

/// A certificate authority and a serving certificate, all as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The authority, for the `caBundle`.
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
}

/// The certificate of the Secret; a new one, stored first, where there is none that will last.
pub async fn ensure(
    client: &Client,
    place: &Place,
    now: Timestamp,
) -> Result<Certificate, CertificateError> {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), &place.namespace);
    let stored = secrets.get_opt(&place.secret).await?;
    if let Some(found) = stored
        .as_ref()
        .and_then(read)
        .filter(|found| lasts(found, &place.names(), now))
    {
        return Ok(found);
    }
    let made = make(&place.names(), now)?;
    let version = stored.and_then(|secret| secret.metadata.resource_version);
    let secret = secret(place, &made, version.clone());
    let written = match version {
        None => secrets.create(&PostParams::default(), &secret).await,
        Some(_) => {
            secrets
                .replace(&place.secret, &PostParams::default(), &secret)
                .await
        }
    };
    match written {
        Ok(_) => Ok(made),
        // Another replica was faster: its certificate is the one.
        Err(kube::Error::Api(status)) if status.code == 409 => secrets
            .get(&place.secret)
            .await
            .map(|secret| read(&secret).unwrap_or(made))
            .map_err(Into::into),
        Err(err) => Err(err.into()),
    }
}

impl Place {
    /// The name that the API server checks: `<service>.<namespace>.svc`, and the longer forms of it.
    fn names(&self) -> Vec<String> {
        let short = format!("{}.{}.svc", self.service, self.namespace);
        vec![short.clone(), format!("{short}.cluster.local")]
    }
}

fn make(names: &[String], now: Timestamp) -> Result<Certificate, CertificateError> {
    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::default();
    ca.distinguished_name = named("prodready gate authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    (ca.not_before, ca.not_after) = validity(now, CA_VALIDITY)?;
    let ca_certificate = ca.self_signed(&ca_key)?;
    let issuer = Issuer::new(ca, ca_key);

    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name = named("prodready gate");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    (leaf.not_before, leaf.not_after) = validity(now, LEAF_VALIDITY)?;
    let certificate = leaf.signed_by(&key, &issuer)?;
    Ok(Certificate {
        ca: ca_certificate.pem(),
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

fn validity(
    now: Timestamp,
    length: SignedDuration,
) -> Result<(time::OffsetDateTime, time::OffsetDateTime), CertificateError> {
    let at = |moment: Timestamp| {
        time::OffsetDateTime::from_unix_timestamp(moment.as_second())
            .map_err(|err| CertificateError::Date(err.to_string()))
    };
    Ok((at(now - BACKDATED)?, at(now + length)?))
}

/// Whether it is for these names and stays valid long enough.
fn lasts(certificate: &Certificate, names: &[String], now: Timestamp) -> bool {
    let until = (now + RENEW_BEFORE).as_second();
    let parsed = x509_parser::pem::parse_x509_pem(certificate.certificate.as_bytes());
    let Ok((_, pem)) = parsed else { return false };
    let Ok(leaf) = pem.parse_x509() else {
        return false;
    };
    let is_for = |name: &str| {
        let alternatives = leaf.subject_alternative_name().ok().flatten();
        alternatives.is_some_and(|found| {
            found.value.general_names.iter().any(|found| {
                matches!(found, x509_parser::extensions::GeneralName::DNSName(dns) if *dns == name)
            })
        })
    };
    leaf.validity().not_after.timestamp() > until
        && leaf.validity().not_before.timestamp() <= now.as_second()
        && names.iter().all(|name| is_for(name))
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
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{lasts, make};

    #[test]
    fn a_certificate_lasts_until_thirty_days_before_its_end_and_for_its_own_names_only() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let names = vec!["gate.shop.svc".to_owned()];
        let made = make(&names, now).unwrap();
        let later = |days: i64| now + SignedDuration::from_hours(24 * days);
        assert!(lasts(&made, &names, now));
        assert!(lasts(&made, &names, later(59)));
        assert!(!lasts(&made, &names, later(61)));
        assert!(!lasts(&made, &["other.shop.svc".to_owned()], now));
        assert!(!lasts(&made, &names, later(-1)), "it is not valid yet");
    }
}
