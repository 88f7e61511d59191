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
    pending: Gauge,
}

/// How a write may end: each is counted from the start, so that the first one shows as an increase.
const RESULTS: [&str; 3] = ["written", "deleted", "error"];

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
        registry.register(
            "reports_pending",
            "Reports that are to be written and are not yet",
            metrics.pending.clone(),
        );
        for result in RESULTS {
            drop(metrics.writes.get_or_create(&WriteLabels { result }));
        }
        metrics
    }

    /// Counts a write: `written`, `deleted` or `error`.
    pub fn wrote(&self, result: &'static str) {
        self.writes.get_or_create(&WriteLabels { result }).inc();
    }

    /// Says how many reports wait to be written.
    pub fn pending(&self, reports: usize) {
        let reports = i64::try_from(reports).unwrap_or(i64::MAX);
        self.pending.set(reports);
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
