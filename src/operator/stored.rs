//! The reports that the API server holds, as far as is known here.

use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
};

use prodready_engine::api::report::{ReadinessReportSpec, ReadinessReportStatus};

use super::index::Key;
use crate::partial::StoredReport;

/// What a report says, in eight bytes. Equal fingerprints need no write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    /// Of a stored report.
    fn of(report: &StoredReport) -> Self {
        match &report.status {
            Some(status) => Self::new(&report.spec, status),
            None => Self(0),
        }
    }

    /// Of what a report would say. The time of observation is left out: it changes nothing by itself.
    pub(super) fn new(spec: &ReadinessReportSpec, status: &ReadinessReportStatus) -> Self {
        let timeless = ReadinessReportStatus {
            observed_time: None,
            ..status.clone()
        };
        let mut hasher = DefaultHasher::new();
        serde_json::to_vec(&(spec, timeless))
            .unwrap_or_default()
            .hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// What is remembered of a report that was written or seen.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) key: Key,
    entry: Entry,
}

impl From<&StoredReport> for Told {
    fn from(report: &StoredReport) -> Self {
        let metadata = &report.metadata;
        let version = metadata.resource_version.as_deref();
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            key: (part(&metadata.namespace), part(&metadata.name)),
            entry: Entry {
                fingerprint: Fingerprint::of(report),
                version: version.and_then(|text| text.parse().ok()).unwrap_or(0),
            },
        }
    }
}

/// The reports that the API server holds.
#[derive(Debug, Default)]
pub(super) struct Stored(BTreeMap<Key, Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    fingerprint: Fingerprint,
    /// `resourceVersion`, which may be compared within a kind (KEP-5504).
    version: u64,
}

impl Stored {
    /// Takes a whole list in, in the place of what was known.
    pub(super) fn list(&mut self, reports: Vec<Told>) {
        let entries = reports.into_iter().map(|told| (told.key, told.entry));
        self.0 = entries.collect();
    }

    /// Takes in a report as it was written or seen; says whether that is news. An event that left the API server
    /// before our own last write is none.
    pub(super) fn apply(&mut self, told: Told) -> bool {
        let new = told.entry;
        let known = self.0.entry(told.key).or_insert(Entry {
            fingerprint: Fingerprint(0),
            version: 0,
        });
        if new.version < known.version {
            return false;
        }
        let is_news = known.fingerprint != new.fingerprint;
        *known = new;
        is_news
    }

    /// Forgets a report that is gone.
    pub(super) fn remove(&mut self, key: &Key) {
        self.0.remove(key);
    }

    /// What a report says.
    pub(super) fn get(&self, key: &Key) -> Option<Fingerprint> {
        self.0.get(key).map(|entry| entry.fingerprint)
    }

    /// The keys of all reports.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.keys()
    }

    /// The keys of the reports of a namespace.
    pub(super) fn of_namespace<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Key> {
        let first = (namespace.to_owned(), String::new());
        let from_here = self.0.range(first..).map(|(key, _)| key);
        from_here.take_while(move |(of, _)| of == namespace)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Stored, Told};
    use crate::partial::StoredReport;

    fn report(version: &str, score: Option<i32>) -> Told {
        let status = score.map(|score| {
            json!({"workload": "Deployment/web", "score": score, "verdict": "Ready", "scoringVersion": "1", "profile": "production"})
        });
        let report = json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ReadinessReport",
            "metadata": {"name": "deployment-web", "namespace": "shop", "resourceVersion": version},
            "spec": {"subject": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "policy": "house"},
            "status": status,
        });
        let report: StoredReport = serde_json::from_value(report).unwrap();
        Told::from(&report)
    }

    #[test]
    fn what_was_written_is_known_before_its_events_come() {
        let mut stored = Stored::default();
        assert!(stored.apply(report("12", Some(80))), "our own write");
        assert!(!stored.apply(report("11", None)), "the event before it");
        assert!(!stored.apply(report("12", Some(80))), "its own event");
        assert!(stored.apply(report("13", Some(10))), "somebody else's edit");
        assert!(!stored.apply(report("14", Some(10))), "an edit of labels");
    }
}
