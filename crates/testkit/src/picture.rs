//! What the cluster saw in a namespace, for the message of a failed test.

use k8s_openapi::api::core::v1::{Event, Pod, PodCondition};
use kube::api::ListParams;
use kube::{Api, Client};

const EVENTS_SHOWN: usize = 40;

/// The pods of a namespace with what is wrong with them, and its last events.
pub(crate) async fn of(client: &Client, namespace: &str) -> String {
    let everything = ListParams::default();
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    let pods = lines(pods.list(&everything).await, pod_line);
    let events = lines(events.list(&everything).await, event_line);
    let shown = &events[events.len().saturating_sub(EVENTS_SHOWN)..];
    format!("pods:\n{}\nevents:\n{}", indented(&pods), indented(shown))
}

fn lines<K: Clone>(
    listed: kube::Result<kube::api::ObjectList<K>>,
    line: fn(&K) -> String,
) -> Vec<String> {
    match listed {
        Ok(list) => list.items.iter().map(line).collect(),
        Err(err) => vec![format!("cannot be listed: {err}")],
    }
}

fn indented(lines: &[String]) -> String {
    if lines.is_empty() {
        return "  none".to_owned();
    }
    lines
        .iter()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn pod_line(pod: &Pod) -> String {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let Some(status) = &pod.status else {
        return format!("{name}: no status");
    };
    let phase = status.phase.as_deref().unwrap_or("no phase");
    let untrue = status
        .conditions
        .iter()
        .flatten()
        .filter(|condition| condition.status != "True")
        .map(condition_text);
    let parts: Vec<String> = std::iter::once(phase.to_owned()).chain(untrue).collect();
    format!("{name}: {}", parts.join("; "))
}

fn condition_text(condition: &PodCondition) -> String {
    let PodCondition {
        type_,
        status,
        reason,
        message,
        ..
    } = condition;
    let (reason, message) = (
        reason.as_deref().unwrap_or_default(),
        message.as_deref().unwrap_or_default(),
    );
    format!("{type_}={status} {reason} {message}")
        .trim_end()
        .to_owned()
}

fn event_line(event: &Event) -> String {
    let object = &event.involved_object;
    let of = |text: &Option<String>| text.clone().unwrap_or_default();
    format!(
        "{} {} {}/{}: {}",
        of(&event.type_),
        of(&event.reason),
        of(&object.kind),
        of(&object.name),
        of(&event.message)
    )
}
