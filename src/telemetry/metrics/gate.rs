//! How the gate itself fares.

use std::{sync::atomic::AtomicU64, time::Duration};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

/// How the gate itself fares. Only the replica that leads says so: the families of the others are empty.
#[derive(Debug, Default)]
pub struct GateMetrics {
    reachable: Family<NoLabels, Gauge>,
    seconds: Family<NoLabels, Gauge<f64, AtomicU64>>,
    missing_rights: Family<NoLabels, Gauge>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct NoLabels {}

impl GateMetrics {
    /// New gauges, registered.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "gate_reachable",
            "1 where the API server asks the gate and it answers, by a probe",
            metrics.reachable.clone(),
        );
        registry.register(
            "gate_probe_seconds",
            "How long the last probe took, API server and gate together",
            metrics.seconds.clone(),
        );
        registry.register(
            "missing_rights",
            "Rights that the operator needs and has not",
            metrics.missing_rights.clone(),
        );
        metrics
    }

    /// Says what a probe came to.
    pub fn probed(&self, answered: bool, took: Duration) {
        self.reachable
            .get_or_create(&NoLabels {})
            .set(i64::from(answered));
        self.seconds
            .get_or_create(&NoLabels {})
            .set(took.as_secs_f64());
    }

    /// Says that another replica probes.
    pub fn not_probing(&self) {
        self.reachable.clear();
        self.seconds.clear();
        self.missing_rights.clear();
    }

    /// Says how many rights are missing.
    pub fn missing_rights(&self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.missing_rights.get_or_create(&NoLabels {}).set(count);
    }
}
