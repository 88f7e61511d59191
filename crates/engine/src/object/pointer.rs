//! JSON Pointers (RFC 6901) into the object that was judged.

use std::{borrow::Cow, fmt};

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
        Self([&self.0, suffix].concat())
    }

    /// This place with one map key below it.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        if key.contains(['~', '/']) {
            let escaped = key.replace('~', "~0").replace('/', "~1");
            return Self(format!("{}/{escaped}", self.0));
        }
        Self([&self.0, "/", key].concat())
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
    pub fn parts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('/').skip(1).map(unescaped)
    }

    /// The first so many parts, as a pointer.
    #[must_use]
    pub fn first(&self, parts: usize) -> Self {
        let mut slashes = self.0.match_indices('/');
        let end = slashes.nth(parts).map_or(self.0.len(), |(end, _)| end);
        Self(self.0[..end].to_owned())
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

impl From<String> for Pointer {
    /// A pointer that was put together elsewhere, with its keys escaped.
    fn from(path: String) -> Self {
        Self(path)
    }
}

fn unescaped(part: &str) -> Cow<'_, str> {
    if part.contains('~') {
        Cow::Owned(part.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(part)
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
    fn the_first_parts_are_a_pointer_to_what_stands_above() {
        let pointer = Pointer::new("/spec/containers/0");
        let above: Vec<Pointer> = (0..=4).map(|parts| pointer.first(parts)).collect();
        let texts: Vec<&str> = above.iter().map(Pointer::as_str).collect();
        let whole = "/spec/containers/0";
        assert_eq!(texts, ["", "/spec", "/spec/containers", whole, whole]);
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
