//! How the watches fare.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

/// How the watches fare.
#[derive(Debug, Default)]
pub struct WatchMetrics {
    failures: Family<ResourceLabels, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ResourceLabels {
    resource: String,
}

impl WatchMetrics {
    /// New counters, registered.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "watch_failures",
            "Watches that failed and were begun again; what they watch may be out of date until they succeed",
            metrics.failures.clone(),
        );
        metrics
    }

    /// The counter of one watch, by the resource's plural and group; at 0 from the start, so that the first failure
    /// shows as an increase.
    pub fn of(&self, plural: &str, group: &str) -> Counter {
        let resource = if group.is_empty() {
            plural.to_owned()
        } else {
            format!("{plural}.{group}")
        };
        self.failures
            .get_or_create(&ResourceLabels { resource })
            .clone()
    }
}
