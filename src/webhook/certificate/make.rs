//! Making an authority and a serving certificate.

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};

use super::{Certificate, CertificateError};

/// How long the authority is valid.
const CA_VALIDITY: SignedDuration = SignedDuration::from_hours(24 * 365);

/// How long a serving certificate is valid.
const LEAF_VALIDITY: SignedDuration = SignedDuration::from_hours(24 * 90);

/// Clocks of replicas and API servers may differ by this much: none of them finds a new certificate to be of
/// tomorrow.
const BACKDATED: SignedDuration = SignedDuration::from_hours(24);

/// A new authority and a certificate of it for these names.
pub(super) fn make(names: &[String], now: Timestamp) -> Result<Certificate, CertificateError> {
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
