//! Whom and what an exception is for.

use crate::{
    api::exception::ContainerScope,
    judge::Finding,
    object::{
        exception::{ExceptionSpec, ReadinessException},
        image::ImageReference,
    },
    subject::Subject,
};

/// Whether an exception of the subject's namespace is for it. One that names nobody is for nobody.
pub(super) fn selects(exception: &ReadinessException, subject: Subject<'_>) -> bool {
    let spec = &exception.spec;
    let by_name = spec
        .workloads
        .iter()
        .any(|named| named.kind.as_str() == subject.kind() && named.name == subject.name());
    let by_labels = match (&spec.selector, subject) {
        (Some(selector), Subject::Workload(workload)) => {
            !selector.is_empty() && selector.matches(&workload.metadata.labels)
        }
        _ => false,
    };
    by_name || by_labels
}

/// Whether an exception that is for a subject is for this finding too.
pub(super) fn fits(
    spec: &ExceptionSpec,
    subject: Subject<'_>,
    id: &str,
    finding: &Finding,
) -> bool {
    spec.checks.iter().any(|named| named == id)
        && (spec.containers.is_empty() || is_in_scope(&spec.containers, subject, finding))
}

fn is_in_scope(scopes: &[ContainerScope], subject: Subject<'_>, finding: &Finding) -> bool {
    let (Some(name), Subject::Workload(workload)) = (&finding.fault.container, subject) else {
        return false;
    };
    let container = workload
        .containers()
        .find(|container| container.name() == name);
    let image = container.map(|container| container.image());
    scopes.iter().any(|scope| {
        let is_said = scope.name.is_some() || scope.image.is_some();
        is_said
            && scope.name.as_ref().is_none_or(|wanted| wanted == name)
            && scope
                .image
                .as_deref()
                .is_none_or(|wanted| image.is_some_and(|image| is_image(wanted, image)))
    })
}

/// Whether an image is the one that is meant: the same repository of the same registry, with the tag and the digest
/// that are asked for.
fn is_image(wanted: &str, image: ImageReference<'_>) -> bool {
    let wanted = ImageReference::parse(wanted);
    place(wanted) == place(image)
        && wanted.tag.is_none_or(|tag| image.tag == Some(tag))
        && wanted
            .digest
            .is_none_or(|digest| image.digest == Some(digest))
}

/// Registry and repository, in full: `nginx` is `docker.io/library/nginx` (the distribution project's reference
/// normalisation).
fn place(image: ImageReference<'_>) -> (&str, String) {
    let hub = "docker.io";
    let registry = match image.registry {
        None | Some("index.docker.io") => hub,
        Some(registry) => registry,
    };
    let is_official = registry == hub && !image.repository.contains('/');
    let prefix = if is_official { "library/" } else { "" };
    (registry, format!("{prefix}{}", image.repository))
}

#[cfg(test)]
mod tests {
    use super::{ImageReference, is_image};

    #[test]
    fn an_image_is_told_by_registry_and_repository_and_by_what_more_is_asked() {
        for (wanted, image, fits) in [
            ("mesh/proxy", "mesh/proxy:1.2", true),
            ("docker.io/mesh/proxy", "mesh/proxy:1.2", true),
            ("nginx", "docker.io/library/nginx:1.29", true),
            ("mesh/proxy:1.2", "mesh/proxy:1.2", true),
            ("mesh/proxy:1.2", "mesh/proxy:1.3", false),
            ("mesh/proxy", "other/proxy:1.2", false),
            ("mesh/proxy", "mesh/proxy-debug:1.2", false),
            ("mesh/proxy", "registry.example.com/mesh/proxy:1.2", false),
            (
                "registry.example.com:5000/mesh/proxy",
                "registry.example.com:5000/mesh/proxy@sha256:aa",
                true,
            ),
            ("mesh/proxy@sha256:aa", "mesh/proxy@sha256:bb", false),
            ("mesh/proxy@sha256:aa", "mesh/proxy:1.2@sha256:aa", true),
        ] {
            let found = is_image(wanted, ImageReference::parse(image));
            assert_eq!(found, fits, "{wanted} {image}");
        }
    }
}
