//! A source's text to the objects in it, each with its file and its place there.

use std::{borrow::Cow, sync::Arc};

use prodready_engine::fix::{Shape, Tree};
use prodready_manifest::{
    DeserializeError, Key, Limits, Node, NodeValue, Position, objects, parse as parse_text,
};
use rayon::prelude::*;
use serde_json::Value;

use super::{error::InputError, source::Source};

/// One object as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Document<'a> {
    /// The file's name.
    pub file: &'a Arc<str>,
    /// The object.
    pub node: Node<'a>,
}

/// An object as it stands in a file, for patches.
#[derive(Clone, Copy, Debug)]
pub struct Written<'d>(&'d Node<'d>);

impl Tree for Written<'_> {
    fn child(self, part: &str) -> Option<Self> {
        let child = match &self.0.value {
            NodeValue::Sequence(items) => items.get(part.parse::<usize>().ok()?),
            _ => self.0.get(part),
        };
        child
            .filter(|child| child.value != NodeValue::Null)
            .map(Self)
    }

    fn shape(self) -> Shape {
        match &self.0.value {
            NodeValue::Mapping(_) => Shape::Object,
            NodeValue::Sequence(items) => Shape::List(items.len()),
            _ => Shape::Scalar,
        }
    }

    fn value(self) -> Value {
        // Maps with text keys and plain numbers always have a JSON form.
        serde_json::to_value(self.0).unwrap_or_default()
    }
}

/// What one or several files hold, in the order of files and lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Documents<'a> {
    /// The documents that could be read and hold anything; a `List` counts as its items.
    pub documents: Vec<Document<'a>>,
    /// One error for each document that could not be read.
    pub errors: Vec<InputError>,
}

impl<'a> Document<'a> {
    /// `apiVersion` and `kind`; none where this is no Kubernetes object.
    pub fn identity(&self) -> Option<(&str, &str)> {
        let text = |key| self.node.get(key).and_then(Node::as_str);
        text("apiVersion").zip(text("kind"))
    }

    /// Where a JSON Pointer leads in the file: to the entry's key, to the list's item, or to the nearest
    /// that exists.
    pub fn locate(&self, pointer: &str) -> Position {
        self.node.locate(pointer)
    }

    /// The object as it stands in the file, for patches.
    pub fn written(&self) -> Written<'_> {
        Written(&self.node)
    }

    /// Reads the object as some type; an error names file, line, column and field.
    pub fn read<'d, T>(
        &'d self,
        how: impl FnOnce(&'d Node<'a>) -> Result<T, DeserializeError>,
    ) -> Result<T, InputError> {
        how(&self.node).map_err(|error| InputError::field(self.file, error))
    }
}

/// Reads the documents of one source. A broken document does not hide the others.
pub fn parse<'a>(source: &'a Source, limits: &Limits) -> Documents<'a> {
    let file = &source.name;
    let parsed = parse_text(&source.text, limits);
    let documents = parsed.documents.into_iter().flat_map(expand);
    let errors = parsed.errors.into_iter();
    Documents {
        documents: documents.map(|node| Document { file, node }).collect(),
        errors: errors
            .map(|error| InputError::syntax(file, error))
            .collect(),
    }
}

/// Reads the documents of all sources, in parallel; the result is in the sources' order.
pub fn parse_all<'a>(sources: &'a [Source], limits: &Limits) -> Documents<'a> {
    let mut all = Documents::default();
    for part in map_sources(sources, limits, |documents| documents) {
        all.documents.extend(part.documents);
        all.errors.extend(part.errors);
    }
    all
}

/// Reads every source and makes something of it while it is fresh, in parallel; the results are in the
/// sources' order.
pub fn map_sources<'a, T: Send>(
    sources: &'a [Source],
    limits: &Limits,
    make: impl Fn(Documents<'a>) -> T + Sync,
) -> Vec<T> {
    sources
        .par_iter()
        .map(|source| make(parse(source, limits)))
        .collect()
}

/// The objects of a document. The API server leaves `apiVersion` and `kind` out of the items of a typed
/// list such as DeploymentList; there they are what the list's own say.
fn expand(document: Node<'_>) -> Vec<Node<'_>> {
    let implied = implied_type(&document);
    let mut found = objects(document);
    found.retain(|node| !matches!(node.value, NodeValue::Null));
    if let Some(implied) = implied {
        for item in &mut found {
            complete(item, &implied);
        }
    }
    found
}

type Entry<'a> = (Key<'a>, Node<'a>);

fn implied_type<'a>(document: &Node<'a>) -> Option<Vec<Entry<'a>>> {
    document.get("items")?.as_sequence()?;
    let entries = document.as_mapping()?.iter();
    let mut implied: Vec<_> = entries
        .filter(|(key, _)| matches!(key.text.as_ref(), "apiVersion" | "kind"))
        .cloned()
        .collect();
    let (_, kind) = implied.iter_mut().find(|(key, _)| key.text == "kind")?;
    let item_kind = kind.as_str()?.strip_suffix("List")?.to_owned();
    kind.value = NodeValue::String(Cow::Owned(item_kind));
    (implied.len() == 2 && kind_of(&implied) != Some("")).then_some(implied)
}

fn kind_of<'d>(entries: &'d [Entry<'_>]) -> Option<&'d str> {
    let (_, kind) = entries.iter().find(|(key, _)| key.text == "kind")?;
    kind.as_str()
}

fn complete<'a>(item: &mut Node<'a>, implied: &[Entry<'a>]) {
    if let NodeValue::Mapping(entries) = &mut item.value
        && !entries
            .iter()
            .any(|(key, _)| matches!(key.text.as_ref(), "apiVersion" | "kind"))
    {
        entries.extend_from_slice(implied);
    }
}

#[cfg(test)]
mod tests {
    use prodready_engine::{
        fix::{self, Edit, Tree as _},
        object::Pointer,
    };
    use serde::Deserialize as _;
    use serde_json::json;

    use super::{Document, InputError, Limits, Position, Source, map_sources, parse, parse_all};

    fn source(name: &str, text: &str) -> Source {
        Source {
            name: name.into(),
            text: text.to_owned(),
        }
    }

    fn kinds(text: &str) -> Vec<String> {
        let source = source("list.yaml", text);
        let documents = parse(&source, &Limits::default()).documents;
        documents
            .iter()
            .map(|document| match document.identity() {
                Some((version, kind)) => format!("{version} {kind}"),
                None => "foreign".to_owned(),
            })
            .collect()
    }

    #[test]
    fn lists_count_as_their_items() {
        let text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n- null\n- {apiVersion: v1, kind: Service}\n";
        assert_eq!(kinds(text), ["v1 Pod", "v1 Service"]);
    }

    #[test]
    fn items_of_a_typed_list_are_what_the_list_says() {
        let text = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: web}\n- {apiVersion: v1, kind: Pod}\n";
        assert_eq!(kinds(text), ["apps/v1 Deployment", "v1 Pod"]);
        let text = "apiVersion: v1\nkind: List\nitems:\n- metadata: {name: web}\n";
        assert_eq!(kinds(text), ["foreign"]);
    }

    #[test]
    fn what_only_looks_like_a_list_is_an_object() {
        let text = "apiVersion: example.com/v1\nkind: AllowList\nspec: {items: []}\n";
        assert_eq!(kinds(text), ["example.com/v1 AllowList"]);
    }

    #[test]
    fn positions_in_a_list_are_the_files() {
        let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - name: web\n";
        let source = source("list.yaml", text);
        let documents = parse(&source, &Limits::default()).documents;
        let [pod]: [Document<'_>; 1] = documents.try_into().unwrap();
        let at = |line, column| Position { line, column };
        assert_eq!(pod.locate("/spec/containers/0/name"), at(8, 7));
        assert_eq!(pod.locate("/spec/containers/0/image"), at(8, 7));
        assert_eq!(pod.locate("/spec/containers/1/image"), at(7, 5));
        assert_eq!(pod.locate("/status/phase"), at(4, 3));
    }

    #[test]
    fn an_error_of_type_names_the_file() {
        let source = source("cart.yaml", "spec:\n  replicas: two\n");
        let documents = parse(&source, &Limits::default()).documents;
        let spec = documents[0].node.get("spec").unwrap();
        let document = Document {
            file: &source.name,
            node: spec.clone(),
        };
        let replicas = document.read(std::collections::BTreeMap::<String, i32>::deserialize);
        let said = replicas.unwrap_err().to_string();
        assert!(
            said.starts_with("cart.yaml:2:13: replicas: expected an integer"),
            "{said}"
        );
    }

    #[test]
    fn a_patch_is_for_what_stands_in_the_file() {
        let text = "spec:\n  containers:\n  - name: web\n    securityContext: null\n    resources: {limits: {cpu: 1}}\n";
        let source = source("cart.yaml", text);
        let documents = parse(&source, &Limits::default()).documents;
        let [pod]: [Document<'_>; 1] = documents.try_into().unwrap();
        let at = |field: &str| Pointer::new("/spec/containers/0").join(field);
        let edits = [
            Edit::set(at("/securityContext/privileged"), false),
            Edit::set(at("/resources/limits/cpu"), "2"),
        ];
        let patch = fix::patch(pod.written(), &edits).unwrap();
        assert_eq!(
            json!(patch),
            json!([
                {"op": "test", "path": "/spec/containers/0/name", "value": "web"},
                {"op": "add", "path": "/spec/containers/0/securityContext", "value": {"privileged": false}},
                {"op": "test", "path": "/spec/containers/0/resources/limits/cpu", "value": 1},
                {"op": "replace", "path": "/spec/containers/0/resources/limits/cpu", "value": "2"},
            ])
        );
        let mut written = pod.written().value();
        fix::apply_patch(&mut written, &patch).unwrap();
        assert_eq!(
            written["spec"]["containers"][0]["resources"]["limits"]["cpu"],
            "2"
        );
    }

    #[test]
    fn many_sources_keep_their_order() {
        let sources: Vec<_> = (0..200)
            .map(|number| {
                let broken = if number % 10 == 0 { "---\na: [\n" } else { "" };
                source(
                    &format!("{number:03}.yaml"),
                    &format!("number: {number}\n{broken}"),
                )
            })
            .collect();
        let all = parse_all(&sources, &Limits::default());
        let files: Vec<_> = all
            .documents
            .iter()
            .map(|document| &**document.file)
            .collect();
        assert_eq!(files.len(), 200);
        assert!(files.is_sorted());
        let broken: Vec<_> = all.errors.iter().map(InputError::file).collect();
        assert_eq!(broken.len(), 20);
        assert!(broken.is_sorted());

        let counts = map_sources(&sources, &Limits::default(), |documents| {
            documents.documents.len()
        });
        assert_eq!(counts, vec![1; 200]);
    }
}
