//! What the operator counts.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// What the operator counts.
#[derive(Debug, Default)]
pub struct ReportMetrics {
    writes: Family<WriteLabels, Counter>,
    leader: Gauge,
    evaluations: Counter,
    gate_removed: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct WriteLabels {
    result: &'static str,
}

impl ReportMetrics {
    /// New counters, registered.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "report_writes",
            "Writes of reports by how they ended",
            metrics.writes.clone(),
        );
        registry.register(
            "leader",
            "1 where this replica writes reports",
            metrics.leader.clone(),
        );
        registry.register(
            "evaluations",
            "Workloads judged",
            metrics.evaluations.clone(),
        );
        registry.register(
            "gate_removed",
            "1 where somebody deleted the gate's configuration, so that nothing is enforced",
            metrics.gate_removed.clone(),
        );
        metrics
    }

    /// Counts a write: `written`, `deleted`, `gone` or `error`.
    pub fn wrote(&self, result: &'static str) {
        self.writes.get_or_create(&WriteLabels { result }).inc();
    }

    /// Says whether this replica leads.
    pub fn leads(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// Says whether somebody deleted the gate's configuration.
    pub fn gate_removed(&self, removed: bool) {
        self.gate_removed.set(i64::from(removed));
    }

    /// Counts workloads that were judged.
    pub fn judged(&self, workloads: usize) {
        self.evaluations.inc_by(workloads as u64);
    }
}
