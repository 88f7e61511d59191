//! Image references (the distribution project's reference grammar).

/// An image reference, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageReference<'a> {
    /// The registry, where the reference names one.
    pub registry: Option<&'a str>,
    /// The repository, without the registry.
    pub repository: &'a str,
    /// The tag, where there is one.
    pub tag: Option<&'a str>,
    /// The digest with its algorithm, where there is one.
    pub digest: Option<&'a str>,
}

impl<'a> ImageReference<'a> {
    /// Takes a reference apart. A port in the registry is no tag: `host:5000/app` has none.
    pub fn parse(image: &'a str) -> Self {
        let (rest, digest) = match image.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (image, None),
        };
        let last_segment = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[last_segment..].rfind(':') {
            Some(colon) => (
                &rest[..last_segment + colon],
                Some(&rest[last_segment + colon + 1..]),
            ),
            None => (rest, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, repository)) if is_host(first) => (Some(first), repository),
            _ => (None, name),
        };
        Self {
            registry,
            repository,
            tag: tag.filter(|tag| !tag.is_empty()),
            digest,
        }
    }

    /// Whether the reference always means the same image: the digest must be a well-formed one.
    pub fn is_pinned(&self) -> bool {
        self.digest.is_some_and(is_digest)
    }

    /// The last part of the repository: `postgres` for `docker.io/library/postgres:16`.
    pub fn base_name(&self) -> &'a str {
        self.repository
            .rsplit('/')
            .next()
            .unwrap_or(self.repository)
    }
}

fn is_host(segment: &str) -> bool {
    segment.contains(['.', ':']) || segment == "localhost"
}

fn is_digest(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return false;
    };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length
        && hex
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::ImageReference;

    #[test]
    fn a_registry_port_is_no_tag() {
        let image = ImageReference::parse("registry.example.com:5000/shop/app");
        assert_eq!(image.registry, Some("registry.example.com:5000"));
        assert_eq!(
            (image.repository, image.tag, image.digest),
            ("shop/app", None, None)
        );
    }

    #[test]
    fn tag_and_digest_are_told_apart() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!("localhost:5000/app:1.2@{digest}");
        let image = ImageReference::parse(&text);
        assert_eq!(
            (image.registry, image.tag, image.digest),
            (Some("localhost:5000"), Some("1.2"), Some(digest.as_str()))
        );
        assert!(image.is_pinned());
        assert!(!ImageReference::parse("app@sha256:abc").is_pinned());
    }

    #[test]
    fn a_docker_hub_name_has_no_registry() {
        let image = ImageReference::parse("bitnami/postgresql:16");
        assert_eq!(
            (image.registry, image.repository, image.tag),
            (None, "bitnami/postgresql", Some("16"))
        );
        assert_eq!(image.base_name(), "postgresql");
    }
}
