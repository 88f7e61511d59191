//! Somebody else who stands where the operator should stand.

use std::{sync::Arc, time::Duration};

use base64::Engine as _;
use prodready::webhook::tls::{self, Serving};
use prodready_testkit::wait;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use super::LIMIT;

/// A certificate authority of the test's own.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, as PEM.
pub(crate) type Pair = (String, String);

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters
            .distinguished_name
            .push(DnType::CommonName, "another authority");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = parameters.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(parameters, key);
        Self { pem, issuer }
    }

    /// As `caBundle` holds it.
    pub(crate) fn bundle(&self) -> String {
        base64::engine::general_purpose::STANDARD.encode(&self.pem)
    }

    /// A certificate for a name that runs out in so many days.
    pub(crate) fn certificate(&self, name: &str, days: i64) -> Pair {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
        let now = time::OffsetDateTime::now_utc();
        parameters.not_before = now - time::Duration::days(10);
        parameters.not_after = now + time::Duration::days(days);
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// Shakes hands on a port with a certificate, and does no more.
pub(crate) async fn serve(port: u16, (certificate, key): Pair) -> JoinHandle<()> {
    let serving = Arc::new(Serving::default());
    serving.set(&certificate, &key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls::config(serving).unwrap()));
    let listener = wait("the port is free", LIMIT, async || {
        TcpListener::bind(("0.0.0.0", port)).await
    })
    .await;
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let _ = tokio::time::timeout(Duration::from_secs(5), acceptor.accept(stream)).await;
        }
    })
}
