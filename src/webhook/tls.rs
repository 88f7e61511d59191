//! The certificate in use, which can change between two connections.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::{
    ServerConfig,
    crypto::ring,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The PEM text holds no certificate or key.
    #[error("the serving certificate's Secret holds no readable PEM: {0}")]
    Pem(#[from] rustls_pki_types::pem::Error),
    /// The key does not fit, or the configuration is refused.
    #[error("the serving certificate cannot be used: {0}")]
    Rustls(#[from] rustls::Error),
}

/// The certificate that new connections are served with.
#[derive(Debug, Default)]
pub struct Serving {
    current: ArcSwapOption<CertifiedKey>,
}

impl Serving {
    /// Serves this certificate from now on.
    pub fn set(&self, certificate_pem: &str, key_pem: &str) -> Result<(), TlsError> {
        let certified = certified(certificate_pem, key_pem)?;
        self.current.store(Some(Arc::new(certified)));
        Ok(())
    }

    /// Whether there is a certificate to serve.
    pub fn is_set(&self) -> bool {
        self.current.load().is_some()
    }
}

/// A certificate with the key that fits it.
pub(super) fn certified(certificate_pem: &str, key_pem: &str) -> Result<CertifiedKey, TlsError> {
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(certificate_pem.as_bytes()).collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())?;
    Ok(CertifiedKey::from_der(
        chain,
        key,
        &ring::default_provider(),
    )?)
}

impl ResolvesServerCert for Serving {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.current.load_full()
    }
}

/// TLS 1.2 and 1.3 over HTTP/1.1, which is all that the API server speaks to webhooks behind Services.
pub fn config(serving: Arc<Serving>) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(serving);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
