//! Exceptions in files: the same objects as in a cluster, with mistakes named by line and column.

use std::path::PathBuf;

use prodready_engine::{
    api::exception::ReadinessException as Written,
    exception::mistakes,
    object::{Kind, Resource, resource::Known},
};
use prodready_manifest::Limits;

use super::{
    documents::{Document, parse_all},
    error::InputError,
    files::{Gathered, gather},
    load::{Loaded, settle},
    policy::{mistake, strictly},
};

/// Adds the exceptions of files and directories to what was read; other objects in them are passed over.
/// `namespace` is that of exceptions which name none.
pub fn add_exceptions(loaded: &mut Loaded<'_>, paths: &[PathBuf], namespace: &str) {
    let limits = Limits::default();
    let Gathered { sources, errors } = gather(paths, &limits, &mut std::io::empty());
    let parsed = parse_all(&sources, &limits);
    let mut errors = [errors, parsed.errors].concat();
    let known = Known::Surrounding(Kind::ReadinessException);
    let meant = parsed.documents.iter().filter(|document| {
        let identity = document.identity();
        identity.is_some_and(|(version, kind)| Known::find(version, kind) == Some(known))
    });
    for document in meant {
        match document.read(|node| Resource::read(known, node)) {
            Ok(mut resource) => {
                settle(&mut resource, known, namespace);
                match mistakes_in(document, &resource) {
                    found if found.is_empty() => loaded.cluster.insert(resource),
                    found => errors.extend(found),
                }
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        loaded.add_errors(errors);
    }
}

/// The mistakes in an exception that its schema would refuse; none in other objects.
pub(super) fn mistakes_in(document: &Document<'_>, resource: &Resource) -> Vec<InputError> {
    let Resource::ReadinessException(exception) = resource else {
        return Vec::new();
    };
    if let Err(errors) = strictly::<Written>(document, "rex") {
        return errors;
    }
    let mistakes = mistakes(exception).into_iter();
    mistakes.map(|found| mistake(document, found)).collect()
}
