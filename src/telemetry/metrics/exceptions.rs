//! What exceptions are there, and what they forgive. Only the replica that leads says so.

use std::{collections::BTreeMap, sync::atomic::AtomicU64};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

/// The exceptions of one namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// How many forgive.
    pub in_force: usize,
    /// How many have not expired and forgive nothing all the same: not approved, too long, or fitting no workload.
    pub not_in_force: usize,
    /// How many have expired.
    pub expired: usize,
    /// How many of those in force end within 14 days.
    pub ending_soon: usize,
    /// How many have not expired and fit no finding.
    pub fitting_nothing: usize,
    /// By policy, what those in force forgive, in hundredths of a point of workloads' scores together.
    pub forgiven: BTreeMap<String, u32>,
}

/// What exceptions are there, and what they forgive. The label is not `namespace`, which is the operator's own in a
/// scrape.
#[derive(Debug, Default)]
pub struct ExceptionMetrics {
    exceptions: Family<StateLabels, Gauge>,
    ending_soon: Family<NamespaceLabels, Gauge>,
    fitting_nothing: Family<NamespaceLabels, Gauge>,
    points: Family<PolicyLabels, Gauge<f64, AtomicU64>>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StateLabels {
    resource_namespace: String,
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct NamespaceLabels {
    resource_namespace: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PolicyLabels {
    resource_namespace: String,
    policy: String,
}

impl Tally {
    fn states(&self) -> [(&'static str, usize); 3] {
        [
            ("in_force", self.in_force),
            ("not_in_force", self.not_in_force),
            ("expired", self.expired),
        ]
    }
}

impl ExceptionMetrics {
    /// New gauges, registered.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "exceptions",
            "ReadinessExceptions by namespace and whether they forgive",
            metrics.exceptions.clone(),
        );
        registry.register(
            "exceptions_ending_soon",
            "ReadinessExceptions in force that end within 14 days",
            metrics.ending_soon.clone(),
        );
        registry.register(
            "exceptions_fitting_nothing",
            "ReadinessExceptions that have not expired and fit no finding",
            metrics.fitting_nothing.clone(),
        );
        registry.register(
            "exceptions_forgiven_points",
            "Points of the scores of workloads that exceptions forgive, by policy",
            metrics.points.clone(),
        );
        metrics
    }

    /// Says what a namespace has in the place of what it had.
    pub fn tell(&self, namespace: &str, before: &Tally, now: &Tally) {
        if *now == Tally::default() {
            self.forget(namespace);
        } else {
            for (state, count) in now.states() {
                let labels = state_labels(namespace, state);
                set(&self.exceptions, &labels, count);
            }
            let labels = namespace_labels(namespace);
            set(&self.ending_soon, &labels, now.ending_soon);
            set(&self.fitting_nothing, &labels, now.fitting_nothing);
        }
        for policy in before.forgiven.keys() {
            if !now.forgiven.contains_key(policy) {
                self.points.remove(&policy_labels(namespace, policy));
            }
        }
        for (policy, hundredths) in &now.forgiven {
            let gauge = self.points.get_or_create(&policy_labels(namespace, policy));
            gauge.set(f64::from(*hundredths) / 100.0);
        }
    }

    /// Says nothing any more: another replica leads.
    pub fn clear(&self) {
        self.exceptions.clear();
        self.ending_soon.clear();
        self.fitting_nothing.clear();
        self.points.clear();
    }

    fn forget(&self, namespace: &str) {
        for (state, _) in Tally::default().states() {
            self.exceptions.remove(&state_labels(namespace, state));
        }
        let labels = namespace_labels(namespace);
        self.ending_soon.remove(&labels);
        self.fitting_nothing.remove(&labels);
    }
}

fn set<L>(family: &Family<L, Gauge>, labels: &L, count: usize)
where
    L: Clone + std::hash::Hash + Eq,
{
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    family.get_or_create(labels).set(count);
}

fn state_labels(namespace: &str, state: &'static str) -> StateLabels {
    StateLabels {
        resource_namespace: namespace.to_owned(),
        state,
    }
}

fn namespace_labels(namespace: &str) -> NamespaceLabels {
    NamespaceLabels {
        resource_namespace: namespace.to_owned(),
    }
}

fn policy_labels(namespace: &str, policy: &str) -> PolicyLabels {
    PolicyLabels {
        resource_namespace: namespace.to_owned(),
        policy: policy.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use prometheus_client::{encoding::text::encode, registry::Registry};

    use super::{ExceptionMetrics, Tally};

    fn samples(registry: &Registry) -> Vec<String> {
        let mut text = String::new();
        encode(&mut text, registry).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut samples: Vec<String> = lines.map(str::to_owned).collect();
        samples.sort();
        samples
    }

    #[test]
    fn a_namespace_says_what_it_has_now_and_nothing_once_it_has_none() {
        let mut registry = Registry::default();
        let metrics = ExceptionMetrics::register(&mut registry);
        let first = Tally {
            in_force: 2,
            ending_soon: 1,
            forgiven: BTreeMap::from([("audit".to_owned(), 150), ("strict".to_owned(), 20)]),
            ..Tally::default()
        };
        let second = Tally {
            in_force: 1,
            expired: 1,
            fitting_nothing: 1,
            forgiven: BTreeMap::from([("audit".to_owned(), 125)]),
            ..Tally::default()
        };
        metrics.tell("shop", &Tally::default(), &first);
        metrics.tell("shop", &first, &second);
        assert_eq!(
            samples(&registry),
            [
                r#"exceptions_ending_soon{resource_namespace="shop"} 0"#,
                r#"exceptions_fitting_nothing{resource_namespace="shop"} 1"#,
                r#"exceptions_forgiven_points{resource_namespace="shop",policy="audit"} 1.25"#,
                r#"exceptions{resource_namespace="shop",state="expired"} 1"#,
                r#"exceptions{resource_namespace="shop",state="in_force"} 1"#,
                r#"exceptions{resource_namespace="shop",state="not_in_force"} 0"#,
            ]
        );
        metrics.tell("shop", &second, &Tally::default());
        assert_eq!(samples(&registry), Vec::<String>::new());
    }
}
