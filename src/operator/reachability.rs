//! Finds out, while this replica leads, whether the API server can ask the gate, and tells when that changes.

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::core::v1::ObjectReference;
use kube::{
    Client,
    runtime::events::{Event, EventType, Recorder},
};
use tokio::{sync::watch, time::Instant};
use tracing::{info, warn};

use super::{events, leader::Leadership};
use crate::{
    telemetry::metrics::GateMetrics,
    webhook::probe::{self, Outcome},
};

/// How soon it is tried again after anything but an answer.
const AGAIN: Duration = Duration::from_secs(5);

/// A single miss may be the moment in which a configuration becomes known: so many in a row count.
const COUNTS: u32 = 2;

/// What the probe came to last; nothing where this replica does not lead, or it was not tried yet.
pub(super) type Reachability = watch::Receiver<Option<Outcome>>;

/// Whom it is asked of, and whom it is told.
pub(super) struct Prober {
    pub(super) client: Client,
    pub(super) namespace: String,
    /// The Service in front of the gate, to which Events are attached.
    pub(super) service: String,
    pub(super) every: Duration,
    pub(super) metrics: Arc<GateMetrics>,
    pub(super) recorder: Recorder,
}

impl Prober {
    /// Runs as long as there is an election.
    pub(super) async fn keep(
        self,
        mut leadership: Leadership,
        last: watch::Sender<Option<Outcome>>,
    ) {
        let mut missed = 0;
        loop {
            let leads = *leadership.borrow_and_update();
            let pause = if leads {
                let began = Instant::now();
                let outcome = probe::probe(&self.client, &self.namespace).await;
                let answered = matches!(outcome, Outcome::Answered { .. });
                missed = if answered { 0 } else { missed + 1 };
                if answered || missed >= COUNTS {
                    self.metrics.probed(answered, began.elapsed());
                    self.take(outcome, &last).await;
                }
                if answered {
                    self.every
                } else {
                    AGAIN.min(self.every)
                }
            } else {
                missed = 0;
                self.metrics.not_probing();
                last.send_replace(None);
                self.every
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                turned = leadership.changed() => if turned.is_err() {
                    return;
                }
            }
        }
    }

    /// Takes an outcome in. Which replica answers changes all the time and is nobody's news.
    async fn take(&self, outcome: Outcome, last: &watch::Sender<Option<Outcome>>) {
        let before = last.borrow().as_ref().map(|outcome| told(outcome).0);
        let (reason, message) = told(&outcome);
        let answered = matches!(outcome, Outcome::Answered { .. });
        last.send_replace(Some(outcome));
        if before == Some(reason) {
            return;
        }
        if answered {
            info!("the API server reaches the gate");
            // That it answers from the start is as it should be.
            if before.is_none() {
                return;
            }
        } else {
            warn!(reason, message, "the API server does not reach the gate");
        }
        self.publish(answered, reason, message).await;
    }

    async fn publish(&self, answered: bool, reason: &str, message: String) {
        let (type_, action) = if answered {
            (EventType::Normal, "GateReachable")
        } else {
            (EventType::Warning, "GateUnreachable")
        };
        let event = Event {
            type_,
            reason: action.to_owned(),
            note: Some(format!("{reason}: {message}")),
            // Events that differ in their note alone are counted as one, under the note of the first.
            action: reason.to_owned(),
            secondary: None,
        };
        let about = ObjectReference {
            api_version: Some("v1".to_owned()),
            kind: Some("Service".to_owned()),
            namespace: Some(self.namespace.clone()),
            name: Some(self.service.clone()),
            ..ObjectReference::default()
        };
        events::publish(&self.recorder, &event, &about).await;
    }
}

/// An outcome as a word for programs and a sentence for people.
pub(super) fn told(outcome: &Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Answered { .. } => ("Answered", "the API server asks the gate and it answers".to_owned()),
        Outcome::NotAsked => (
            "NotAsked",
            "the API server does not ask the gate: its configuration is gone or was changed; `prodready doctor` says which"
                .to_owned(),
        ),
        Outcome::Failed { cause, message } => (cause.reason(), format!("{}: {message}", cause.told())),
        Outcome::Forbidden(message) => ("Forbidden", message.clone()),
        Outcome::Unknown(message) => ("Unknown", message.clone()),
    }
}
