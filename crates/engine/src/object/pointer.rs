//! JSON Pointers (RFC 6901) into the object that was judged.

use std::fmt;

/// Where in an object something stands, as a JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pointer(String);

impl Pointer {
    /// The whole object.
    pub fn root() -> Self {
        Self(String::new())
    }

    /// A pointer that is written out in the source, such as `/spec/replicas`.
    pub fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// This place with `suffix` below it; the suffix is a pointer itself, so `~` and `/` in keys must
    /// be escaped already. See [`Pointer::key`] for keys that come from data.
    #[must_use]
    pub fn join(&self, suffix: &str) -> Self {
        Self(format!("{}{suffix}", self.0))
    }

    /// This place with one map key below it.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!(
            "{}/{}",
            self.0,
            key.replace('~', "~0").replace('/', "~1")
        ))
    }

    /// This place with one list index below it.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// The pointer as RFC 6901 writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is another place, or within it.
    pub fn is_within(&self, other: &Self) -> bool {
        let rest = self.0.strip_prefix(&*other.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The parts between the slashes, unescaped.
    pub fn parts(&self) -> impl Iterator<Item = String> + '_ {
        self.0
            .split('/')
            .skip(1)
            .map(|part| part.replace("~1", "/").replace("~0", "~"))
    }

    /// The place as Kubernetes' own errors write it: `spec.template.spec.containers[0].image`.
    pub fn field_path(&self) -> String {
        let mut path = String::with_capacity(self.0.len());
        for part in self.parts() {
            let is_index = part.bytes().all(|byte| byte.is_ascii_digit());
            if is_index || part.contains(['.', '/']) {
                path.extend(["[", &part, "]"]);
            } else {
                path.extend([if path.is_empty() { "" } else { "." }, &part]);
            }
        }
        path
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn a_key_from_data_is_escaped_and_comes_back_unescaped() {
        let pointer = Pointer::new("/metadata/annotations").key("example.com/a~b");
        assert_eq!(pointer.as_str(), "/metadata/annotations/example.com~1a~0b");
        assert_eq!(pointer.parts().last().as_deref(), Some("example.com/a~b"));
    }

    #[test]
    fn a_field_path_reads_as_kubernetes_writes_it() {
        let pointer = Pointer::new("/spec/template/spec/containers/0/image");
        assert_eq!(
            pointer.field_path(),
            "spec.template.spec.containers[0].image"
        );
        let annotation = Pointer::new("/metadata/annotations").key("example.com/a");
        assert_eq!(
            annotation.field_path(),
            "metadata.annotations[example.com/a]"
        );
    }
}
