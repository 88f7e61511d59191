//! A policy in a file: the same object as in a cluster, with mistakes named by line and column.

use std::path::Path;

use prodready_engine::{
    api::policy::ProductionReadinessPolicy,
    policy::{FieldError, Policy},
};
use prodready_manifest::{DeserializeError, Limits};
use serde::de::DeserializeOwned;

use super::{
    documents::{Document, parse},
    error::InputError,
    source::{Source, read_file},
};

const KIND: &str = "ProductionReadinessPolicy";

/// Reads and compiles the policies of a file, or says all that is wrong with them.
pub fn policies_in(path: &Path) -> Result<Vec<Policy>, Vec<InputError>> {
    let source = read_file(path, &Limits::default()).map_err(|error| vec![error])?;
    policies_of(&source)
}

/// Reads and compiles the policies of a text, or says all that is wrong with them.
pub fn policies_of(source: &Source) -> Result<Vec<Policy>, Vec<InputError>> {
    let parsed = parse(source, &Limits::default());
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    let mut policies = Vec::new();
    let mut errors = Vec::new();
    for document in parsed
        .documents
        .iter()
        .filter(|document| is_policy(document))
    {
        match compile(document) {
            Ok(policy) => policies.push(policy),
            Err(mistakes) => errors.extend(mistakes),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if policies.is_empty() {
        return Err(vec![InputError::Unreadable {
            file: source.name.to_string(),
            reason: format!("no object of kind {KIND} is in it"),
        }]);
    }
    Ok(policies)
}

fn is_policy(document: &Document<'_>) -> bool {
    document
        .identity()
        .is_some_and(|(version, kind)| version.starts_with("prodready.dev/") && kind == KIND)
}

fn compile(document: &Document<'_>) -> Result<Policy, Vec<InputError>> {
    let policy: ProductionReadinessPolicy = strictly(document, "prp")?;
    Policy::compile(&policy).map_err(|mistakes| {
        let mistakes = mistakes.into_iter();
        mistakes.map(|found| mistake(document, found)).collect()
    })
}

/// Reads an object of a kind of ours, by its short name, as strictly as the API server does.
pub(super) fn strictly<T: DeserializeOwned>(
    document: &Document<'_>,
    short_name: &str,
) -> Result<T, Vec<InputError>> {
    let mut unknown = Vec::new();
    let object = document
        .read(|node| -> Result<T, DeserializeError> {
            serde_ignored::deserialize(node, |path| unknown.push(path.to_string()))
        })
        .map_err(|error| vec![error])?;
    // `kube` reads the type elsewhere; metadata and status are the API server's own.
    unknown.retain(|path| {
        path.starts_with("spec.")
            || !path.contains('.') && !matches!(path.as_str(), "apiVersion" | "kind")
    });
    if !unknown.is_empty() {
        let mistakes = unknown.iter();
        let mistakes = mistakes.map(|path| unknown_field(document, path, short_name));
        return Err(mistakes.collect());
    }
    Ok(object)
}

/// A field that the API server would not know either: a slip of the pen that must not be passed over.
fn unknown_field(document: &Document<'_>, path: &str, short_name: &str) -> InputError {
    let message =
        format!("no such field: `kubectl explain {short_name}.spec --recursive` lists them all");
    let field = path.to_owned();
    mistake(document, FieldError { field, message })
}

/// A mistake with its place in the file.
pub(super) fn mistake(
    document: &Document<'_>,
    FieldError { field, message }: FieldError,
) -> InputError {
    let error = DeserializeError {
        position: document.locate(&pointer(&field)),
        path: field,
        message,
    };
    InputError::field(document.file, error)
}

/// `spec.checks[0].id` as a JSON Pointer.
fn pointer(field: &str) -> String {
    let steps = field.replace("].", "/").replace(['.', '['], "/");
    format!("/{}", steps.trim_end_matches(']'))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::policies_in;

    const HEAD: &str = "apiVersion: prodready.dev/v1alpha1\nkind: ProductionReadinessPolicy\nmetadata: {name: house}\n";

    fn mistakes(spec: &str) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("policy.yaml");
        fs::write(&path, format!("{HEAD}{spec}")).unwrap();
        let prefix = format!("{}:", path.display());
        let errors = policies_in(&path).err().unwrap_or_default().into_iter();
        errors
            .map(|error| error.to_string().replace(&prefix, ""))
            .collect()
    }

    #[test]
    fn a_mistake_in_a_policy_is_named_with_its_place() {
        for (spec, told) in [
            (
                "spec:\n  checks:\n  - id: no-such-check\n",
                "6:5: spec.checks[0].id: ",
            ),
            (
                "spec:\n  enforcment: {mode: Warn}\n",
                "5:3: spec.enforcment: no such field",
            ),
            (
                "spec:\n  thresholds: {production: 95, scale: 90}\n",
                "5:16: spec.thresholds.production: ",
            ),
            ("spec:\n  profile: gold\n", "5:12: spec.profile: "),
            ("specs: {}\nspec: {}\n", "4:1: specs: no such field"),
            ("", "1:1: missing field `spec`"),
        ] {
            let mistakes = mistakes(spec);
            let [mistake] = &mistakes[..] else {
                panic!("{spec}: {mistakes:?}")
            };
            assert!(mistake.starts_with(told), "{spec}: {mistake}");
        }
    }

    #[test]
    fn every_policy_among_the_manifests_can_be_used() {
        let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests");
        for file in [
            "policies/audit.yaml",
            "policies/warn.yaml",
            "policies/enforce.yaml",
            "demo/policy-enforce.yaml",
        ] {
            let policies = policies_in(&manifests.join(file));
            assert_eq!(policies.map(|found| found.len()).ok(), Some(1), "{file}");
        }
    }

    #[test]
    fn a_file_without_a_policy_is_an_error() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests/awkward/list.yaml");
        let errors = policies_in(&file).err().unwrap_or_default();
        assert!(
            errors[0]
                .to_string()
                .ends_with("cannot be read: no object of kind ProductionReadinessPolicy is in it"),
            "{errors:?}"
        );
    }
}
