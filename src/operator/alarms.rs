//! When something changes by itself: exceptions that begin to be warned about, and that end.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use prodready_engine::{exception, object::exception::ReadinessException};

/// Moments, each with the namespace to judge again then. A moment that was set and is not meant any more, as after an
/// edit, costs one judgement and changes nothing.
#[derive(Debug, Default)]
pub(super) struct Alarms(BTreeSet<(Timestamp, String)>);

impl Alarms {
    /// Remembers the moments of an exception that are still to come.
    pub(super) fn set(&mut self, exception: &ReadinessException, now: Timestamp) {
        let to_come = exception::instants(exception)
            .into_iter()
            .filter(|instant| *instant > now);
        for instant in to_come {
            self.0
                .insert((instant, exception.metadata.namespace.clone()));
        }
    }

    /// Takes out the namespaces whose moment has come.
    pub(super) fn take_due(&mut self, now: Timestamp) -> BTreeSet<String> {
        let mut due = BTreeSet::new();
        while self.0.first().is_some_and(|(instant, _)| *instant <= now) {
            due.extend(self.0.pop_first().map(|(_, namespace)| namespace));
        }
        due
    }

    /// Waits for the next moment; for ever where there is none.
    pub(super) async fn wait(&self) {
        let Some((next, _)) = self.0.first() else {
            return std::future::pending().await;
        };
        let left = next.duration_since(Timestamp::now());
        // A moment that has come needs no timer: one would wait for its turn.
        if let Ok(left) = Duration::try_from(left) {
            tokio::time::sleep(left).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prodready_engine::object::exception::ReadinessException;
    use serde_json::json;

    use super::Alarms;

    fn exception(namespace: &str, end: &str) -> ReadinessException {
        serde_json::from_value(json!({
            "metadata": {"name": "agent", "namespace": namespace},
            "spec": {"checks": ["host-path"], "reason": "the agent reads the node's logs", "expirationTime": end},
        }))
        .unwrap()
    }

    #[test]
    fn a_namespace_is_due_when_its_exception_is_warned_about_and_when_it_ends() {
        let at = |text: &str| text.parse().unwrap();
        let due = |alarms: &mut Alarms, now| alarms.take_due(at(now));
        let shop = BTreeSet::from(["shop".to_owned()]);
        let mut alarms = Alarms::default();
        alarms.set(
            &exception("shop", "2027-03-31T00:00:00Z"),
            at("2027-01-01T00:00:00Z"),
        );
        alarms.set(
            &exception("past", "2026-12-31T00:00:00Z"),
            at("2027-01-01T00:00:00Z"),
        );
        assert_eq!(due(&mut alarms, "2027-03-16T23:59:59Z"), BTreeSet::new());
        assert_eq!(due(&mut alarms, "2027-03-17T00:00:00Z"), shop);
        assert_eq!(due(&mut alarms, "2027-03-30T23:59:59Z"), BTreeSet::new());
        assert_eq!(due(&mut alarms, "2027-03-31T00:00:00Z"), shop);
        assert_eq!(due(&mut alarms, "2028-01-01T00:00:00Z"), BTreeSet::new());
    }
}
