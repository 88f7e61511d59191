//! What the gate counts.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::webhook::review::Record;

/// What the gate counts.
#[derive(Debug, Default)]
pub struct AdmissionMetrics {
    requests: Family<RequestLabels, Counter>,
    rejected: Family<RejectedLabels, Counter>,
    in_flight: Gauge,
    passed: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    operation: String,
    kind: &'static str,
    decision: &'static str,
    dry_run: String,
}

/// Why a request may not be answered: each is counted from the start, so that the first one shows as an increase.
const REASONS: [&str; 6] = [
    "body_too_large",
    "incomplete",
    "malformed",
    "not_synced",
    "overloaded",
    "too_slow",
];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RejectedLabels {
    reason: &'static str,
}

impl AdmissionMetrics {
    /// New counters, registered.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "admission_requests",
            "Requests answered",
            metrics.requests.clone(),
        );
        registry.register(
            "admission_rejected",
            "Requests that could not be answered",
            metrics.rejected.clone(),
        );
        registry.register(
            "admission_in_flight",
            "Requests being answered",
            metrics.in_flight.clone(),
        );
        registry.register(
            "breakglass",
            "Objects stored by the right to breakglass that would have been denied",
            metrics.passed.clone(),
        );
        for reason in REASONS {
            drop(metrics.rejected.get_or_create(&RejectedLabels { reason }));
        }
        metrics
    }

    /// Counts somebody who was let past what would have been denied.
    pub fn passed(&self) {
        self.passed.inc();
    }

    /// Counts a request as under way until the guard is dropped.
    pub fn in_flight(&self) -> InFlight {
        InFlight::start(self.in_flight.clone())
    }

    /// Counts a decision.
    pub fn decided(&self, record: &Record) {
        let labels = RequestLabels {
            operation: record.operation.clone(),
            kind: record.kind,
            decision: record.decision,
            dry_run: record.dry_run.to_string(),
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts a request that could not be answered.
    pub fn rejected(&self, reason: &'static str) {
        self.rejected
            .get_or_create(&RejectedLabels { reason })
            .inc();
    }
}

/// A request that is under way.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl InFlight {
    fn start(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
