//! Whether a client that trusts certain authorities accepts a certificate: asked as the API server asks.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::ring,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{Certificate, Unusable};
use crate::webhook::tls;

/// A certificate is made anew once less than this is left of it.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Whether the certificate can be served to clients that trust its own authorities, or why not.
pub(super) fn usable(
    certificate: &Certificate,
    names: &[String],
    now: Timestamp,
) -> Result<(), Unusable> {
    tls::certified(&certificate.certificate, &certificate.key)
        .map_err(|err| Unusable(err.to_string()))?;
    accepted(&certificate.ca, &certificate.certificate, names, now)
}

/// Whether who trusts these authorities accepts this certificate under each of these names, or why not.
pub(super) fn accepted(
    authorities: &str,
    certificate: &str,
    names: &[String],
    now: Timestamp,
) -> Result<(), Unusable> {
    let told = |err: &dyn std::fmt::Display| Unusable(err.to_string());
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
        roots
            .add(authority.map_err(|err| told(&err))?)
            .map_err(|err| told(&err))?;
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|err| told(&err))?;
    let chain: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|err| told(&err))?;
    let (leaf, between) = chain
        .split_first()
        .ok_or_else(|| told(&"there is no certificate"))?;
    let since_1970 = Duration::from_secs(u64::try_from(now.as_second()).unwrap_or_default());
    for name in names {
        let name = ServerName::try_from(name.as_str()).map_err(|err| told(&err))?;
        let moment = UnixTime::since_unix_epoch(since_1970);
        verifier
            .verify_server_cert(leaf, between, &name, &[], moment)
            .map_err(|err| told(&err))?;
    }
    Ok(())
}

/// Whether it stays valid long enough.
pub(super) fn lasts(certificate: &Certificate, names: &[String], now: Timestamp) -> bool {
    usable(certificate, names, now + RENEW_BEFORE).is_ok()
}

/// The first end among the certificates of a chain.
pub(super) fn end(chain: &str) -> Option<Timestamp> {
    let certificates = CertificateDer::pem_slice_iter(chain.as_bytes());
    let ends = certificates.map(|der| {
        let der = der.ok()?;
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
    });
    let ends: Option<Vec<Timestamp>> = ends.collect();
    ends?.into_iter().min()
}
