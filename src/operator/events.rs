//! Events beside what they are about.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::{
    Client,
    runtime::events::{Event, EventType, Recorder, Reporter},
};
use tokio::sync::mpsc;
use tracing::warn;

use crate::webhook::review::Passage;

/// How many passages may wait for their Events. They are counted and logged without them.
pub(super) const WAITING: usize = 64;

/// Who makes Events.
pub(super) const CONTROLLER: &str = "prodready.dev/operator";

/// Makes Events in the name of one replica.
pub(super) fn recorder(client: Client, identity: &str) -> Recorder {
    let reporter = Reporter {
        controller: CONTROLLER.to_owned(),
        instance: Some(identity.to_owned()),
    };
    Recorder::new(client, reporter)
}

/// Makes an Event, or says in the log why there is none.
pub(super) async fn publish(recorder: &Recorder, event: &Event, about: &ObjectReference) {
    if let Err(err) = recorder.publish(event, about).await {
        warn!(error = %err, reason = event.reason, "an Event could not be made");
    }
}

/// Makes an Event for each passage, on what was stored.
pub(super) async fn of_passages(recorder: Recorder, mut passages: mpsc::Receiver<Passage>) {
    while let Some(passage) = passages.recv().await {
        let note = format!("{} used breakglass: {}", passage.user, passage.why);
        let event = Event {
            type_: EventType::Warning,
            reason: "Breakglass".to_owned(),
            note: Some(note),
            action: "Admitted".to_owned(),
            secondary: None,
        };
        let about = ObjectReference {
            api_version: Some(passage.api_version),
            kind: Some(passage.kind),
            namespace: Some(passage.namespace),
            name: Some(passage.name),
            ..ObjectReference::default()
        };
        publish(&recorder, &event, &about).await;
    }
}
