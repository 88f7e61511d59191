//! Secrets, of which nothing but that they are there is ever kept.

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;

/// A Secret by its name. What it holds is skipped as it is read, and so are labels and annotations: tools keep copies
/// of what they applied there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Secret {
    /// Its name and namespace alone.
    pub metadata: Metadata,
}

/// The part of a Secret that is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Written {
    metadata: Name,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Name {
    name: Option<String>,
    namespace: Option<String>,
}

impl From<Written> for Secret {
    fn from(written: Written) -> Self {
        let Name { name, namespace } = written.metadata;
        Self {
            metadata: Metadata {
                name: name.unwrap_or_default(),
                namespace: namespace.unwrap_or_default(),
                ..Metadata::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::object::{
        Kind, Resource,
        resource::{Known, Whole},
    };

    #[test]
    fn nothing_of_a_secret_is_kept_but_its_name() {
        let written = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": "registry",
                "namespace": "shop",
                "labels": {"note": "hunter2"},
                "annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": "{\"stringData\":{\"password\":\"hunter2\"}}",
                },
            },
            "type": "kubernetes.io/dockerconfigjson",
            "data": {".dockerconfigjson": "aHVudGVyMg=="},
            "stringData": {"password": "hunter2"},
        });
        let secret = Known::Surrounding(Kind::Secret);
        let whole = Whole {
            workloads: true,
            kinds: [Kind::Secret].into(),
        };
        let kept = Resource::keep(secret, written, &whole).unwrap();
        assert_eq!(kept.metadata().name, "registry");
        assert_eq!(kept.metadata().namespace, "shop");
        let kept = format!("{kept:?}");
        assert!(!kept.contains("hunter2"), "{kept}");
        assert!(!kept.contains("aHVudGVyMg"), "{kept}");
    }
}
