//! The serving certificate.

use jiff::Timestamp;
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};

/// The serving certificate, as each replica has it.
#[derive(Debug, Default)]
pub struct CertificateMetrics {
    expiry: Gauge,
}

impl CertificateMetrics {
    /// New gauges, registered.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "certificate_expiry_timestamp_seconds",
            "When the certificate ends that this replica serves, in seconds since 1970",
            metrics.expiry.clone(),
        );
        metrics
    }

    /// Says when what is served ends; a certificate that can be served can be read.
    pub fn served(&self, ends: Option<Timestamp>) {
        self.expiry.set(ends.map_or(0, Timestamp::as_second));
    }
}
