//! An object as it was written, for those who ask about fields that no check reads.

use std::sync::Arc;

use serde_json::{Map, Value};

/// The most that is kept of one object, in bytes of JSON. etcd takes 1.5 MiB; a workload of 256 KiB is a hundred
/// times the usual one.
const MOST_BYTES: usize = 256 * 1024;

/// What is not written by people: it differs between a file and the cluster, and changes without them.
const BOOKKEEPING: [&str; 8] = [
    "managedFields",
    "resourceVersion",
    "generation",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
];

/// An object as it was written: without its status and without what the API server keeps about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Original {
    /// Its JSON.
    Text(Arc<str>),
    /// It is larger than what is kept, with its size in bytes.
    TooLarge(usize),
}

impl Original {
    /// Keeps what was written of an object.
    pub fn of(mut object: Value) -> Self {
        if let Some(fields) = object.as_object_mut() {
            fields.remove("status");
            if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
                forget_bookkeeping(metadata);
            }
        }
        let text = object.to_string();
        if text.len() <= MOST_BYTES {
            Self::Text(text.into())
        } else {
            Self::TooLarge(text.len())
        }
    }
}

impl Original {
    /// The same with one field set, where the object that holds it is there.
    #[must_use]
    pub fn with(&self, holder: &str, field: &str, value: Value) -> Self {
        let Self::Text(text) = self else {
            return self.clone();
        };
        let mut object: Value = serde_json::from_str(text).unwrap_or_default();
        if let Some(fields) = object.pointer_mut(holder).and_then(Value::as_object_mut) {
            fields.insert(field.to_owned(), value);
        }
        Self::Text(object.to_string().into())
    }
}

fn forget_bookkeeping(metadata: &mut Map<String, Value>) {
    metadata.retain(|key, _| !BOOKKEEPING.contains(&key.as_str()));
    let annotations = metadata
        .get_mut("annotations")
        .and_then(Value::as_object_mut);
    if let Some(annotations) = annotations {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MOST_BYTES, Original};

    #[test]
    fn what_people_did_not_write_is_left_out() {
        let object = json!({
            "metadata": {"name": "cart", "uid": "1", "generation": 3, "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}", "team": "shop"}},
            "spec": {"replicas": 2},
            "status": {"replicas": 1},
        });
        let kept = json!({"metadata": {"name": "cart", "annotations": {"team": "shop"}}, "spec": {"replicas": 2}});
        assert_eq!(
            Original::of(object),
            Original::Text(kept.to_string().into())
        );
    }

    #[test]
    fn an_object_beyond_the_bound_is_not_kept() {
        let object = json!({"data": {"a": "x".repeat(MOST_BYTES)}});
        assert_eq!(Original::of(object), Original::TooLarge(MOST_BYTES + 17));
    }
}
