//! Kinds of Kubernetes' own groups, to tell a misspelt workload from an object of no interest: the first must
//! not pass an audit unseen.

use prodready_manifest::DeserializeError;

use super::{documents::Document, error::InputError};

/// The kinds that people write, by group (Kubernetes API reference, release 1.36).
const KINDS: [(&str, &[&str]); 3] = [
    (
        "",
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "List",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    (
        "apps",
        &[
            "ControllerRevision",
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
        ],
    ),
    ("batch", &["CronJob", "Job"]),
];

/// Says so where an object names a kind that its own group does not have.
pub(super) fn misspelt(document: &Document<'_>) -> Option<InputError> {
    let (version, kind) = document.identity()?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let (_, kinds) = KINDS.iter().find(|(known, _)| *known == group)?;
    let single = kind.strip_suffix("List").unwrap_or(kind);
    if kinds.contains(&kind) || kinds.contains(&single) {
        return None;
    }
    let elsewhere = KINDS.iter().find(|(_, others)| others.contains(&kind));
    let advice = match elsewhere {
        Some((group, _)) => format!("write apiVersion: {}", in_first_version(group)),
        None => format!("did you mean {}?", nearest(kinds, kind)?),
    };
    let error = DeserializeError {
        position: document.locate("/kind"),
        path: "kind".to_owned(),
        message: format!("{version} has no kind {kind}: {advice}"),
    };
    Some(InputError::field(document.file, error))
}

fn in_first_version(group: &str) -> String {
    if group.is_empty() {
        "v1".to_owned()
    } else {
        format!("{group}/v1")
    }
}

fn nearest<'a>(kinds: &[&'a str], kind: &str) -> Option<&'a str> {
    let distance = |known: &&str| strsim::damerau_levenshtein(known, kind);
    kinds.iter().copied().min_by_key(distance)
}

#[cfg(test)]
mod tests {
    use super::{super::documents::parse, misspelt};
    use crate::input::{Limits, Source};

    fn told(version: &str, kind: &str) -> Option<String> {
        let source = Source {
            name: "a.yaml".into(),
            text: format!("apiVersion: {version}\nkind: {kind}\n"),
        };
        let parsed = parse(&source, &Limits::default());
        misspelt(&parsed.documents[0]).map(|error| error.to_string())
    }

    #[test]
    fn a_misspelt_kind_is_told_with_the_one_that_was_meant() {
        assert_eq!(
            told("apps/v1", "Deploymnet").as_deref(),
            Some("a.yaml:2:1: kind: apps/v1 has no kind Deploymnet: did you mean Deployment?")
        );
        assert_eq!(
            told("v1", "pod").as_deref(),
            Some("a.yaml:2:1: kind: v1 has no kind pod: did you mean Pod?")
        );
        assert_eq!(
            told("v1", "Deployment").as_deref(),
            Some("a.yaml:2:1: kind: v1 has no kind Deployment: write apiVersion: apps/v1")
        );
    }

    #[test]
    fn kinds_of_no_interest_are_no_mistake() {
        for (version, kind) in [
            ("v1", "Secret"),
            ("v1", "ServiceList"),
            ("example.com/v1", "Deploymnet"),
            ("batch/v1", "Job"),
        ] {
            assert_eq!(told(version, kind), None, "{version} {kind}");
        }
    }
}
