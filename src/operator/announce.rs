//! Tells on an exception that its end comes near, and that it has come: an Event for each, once.

use jiff::Timestamp;
use k8s_openapi::{
    api::{core::v1::ObjectReference, events::v1::Event},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use prodready_engine::{
    api::{
        API_VERSION,
        condition::{Condition, ConditionStatus},
        exception::ReadinessExceptionStatus,
    },
    exception,
    object::exception::ReadinessException,
};
use tracing::warn;

use super::events::CONTROLLER;

/// What is told. It follows from what the stored status does not say yet and the new one does, so that a replica that
/// begins to lead tells nothing again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    EndsSoon,
    Ended,
}

impl News {
    fn reason(self) -> &'static str {
        match self {
            Self::EndsSoon => "ExceptionEndsSoon",
            Self::Ended => "ExceptionEnded",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::EndsSoon => "Warn",
            Self::Ended => "End",
        }
    }

    fn note(self, exception: &ReadinessException, wanted: &ReadinessExceptionStatus) -> String {
        let end = exception.spec.expiration_time;
        let (findings, workloads) = (wanted.findings, wanted.workload_count);
        let what = format!("findings: {findings}, workloads: {workloads}");
        match self {
            Self::EndsSoon => format!(
                "it ends at {end}, after which it forgives nothing ({what}): mend what it forgives, or ask anew"
            ),
            Self::Ended => {
                format!(
                    "it ended at {end} and forgives nothing any more ({what}): mend what it forgave, or ask anew"
                )
            }
        }
    }
}

/// The Event that is due where a status is written, if any.
pub(super) fn due(
    exception: &ReadinessException,
    wanted: &ReadinessExceptionStatus,
    now: Timestamp,
) -> Option<Event> {
    let before = exception.status.as_deref();
    let is_new = |says: fn(&[Condition]) -> bool| {
        says(&wanted.conditions) && !before.is_some_and(|before| says(&before.conditions))
    };
    let news = if is_new(has_ended) {
        News::Ended
    } else if is_new(ends_soon) && !is_of_short_life(exception) {
        News::EndsSoon
    } else {
        return None;
    };
    Some(event(exception, wanted, news, now))
}

fn has_ended(conditions: &[Condition]) -> bool {
    let mut conditions = conditions.iter();
    conditions.any(|one| one.type_ == "InForce" && one.reason == "Expired")
}

fn ends_soon(conditions: &[Condition]) -> bool {
    let mut conditions = conditions.iter();
    conditions.any(|one| one.type_ == "EndsSoon" && one.status == ConditionStatus::True)
}

/// Whether it was to end soon from the start: who wrote it knows.
fn is_of_short_life(exception: &ReadinessException) -> bool {
    let made = exception.created_at();
    made.is_some_and(|made| exception::ends_soon(exception, made))
}

/// Its name says what it tells, so that the API server refuses to store it twice.
fn event(
    exception: &ReadinessException,
    wanted: &ReadinessExceptionStatus,
    news: News,
    now: Timestamp,
) -> Event {
    let metadata = &exception.metadata;
    let uid = metadata.uid.clone().unwrap_or_default();
    let begins: String = metadata.name.chars().take(LONGEST).collect();
    let life = uid.split('-').next().unwrap_or_default();
    let end = exception.spec.expiration_time.as_second();
    let told = news.action().to_lowercase();
    Event {
        metadata: ObjectMeta {
            name: Some(format!("{begins}.{life}.{told}-{end}")),
            namespace: Some(metadata.namespace.clone()),
            ..ObjectMeta::default()
        },
        type_: Some("Warning".to_owned()),
        reason: Some(news.reason().to_owned()),
        action: Some(news.action().to_owned()),
        note: Some(news.note(exception, wanted)),
        event_time: Some(MicroTime(now)),
        reporting_controller: Some(CONTROLLER.to_owned()),
        regarding: Some(ObjectReference {
            api_version: Some(API_VERSION.to_owned()),
            kind: Some("ReadinessException".to_owned()),
            namespace: Some(metadata.namespace.clone()),
            name: Some(metadata.name.clone()),
            uid: Some(uid),
            ..ObjectReference::default()
        }),
        ..Event::default()
    }
}

/// So much of the exception's name is part of the Event's, which may have 253 bytes.
const LONGEST: usize = 200;

/// Makes the Event, unless it was made before. Fails where the API server cannot be asked; what it refuses is logged
/// and stays untold.
pub(super) async fn publish(
    client: &Client,
    mut event: Event,
    instance: &str,
) -> Result<(), kube::Error> {
    event.reporting_instance = Some(instance.to_owned());
    let namespace = event.metadata.namespace.clone().unwrap_or_default();
    let events: Api<Event> = Api::namespaced(client.clone(), &namespace);
    match events.create(&PostParams::default(), &event).await {
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
        Err(kube::Error::Api(status)) if status.code < 500 && status.code != 429 => {
            let reason = event.reason.as_deref();
            warn!(error = %status, namespace, reason, "an Event could not be made");
            Ok(())
        }
        other => other.map(drop),
    }
}
