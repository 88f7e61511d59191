//! The engine's table of fields is what the API server publishes.
//!
//! `WRITE_SCHEMA=1` writes it anew, for a newer Kubernetes.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
};

use kube::api::ListParams;
use prodready_engine::{api::vocabulary::WorkloadKind, object::Kind, schema};
use serde_json::Value;

use crate::support::shared_installation;

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/crates/engine/src/schema/fields.tsv"
);

/// What is before the names of Kubernetes' definitions.
const PREFIXES: [&str; 2] = ["io.k8s.api.", "io.k8s.apimachinery.pkg.apis."];

#[tokio::test]
async fn the_table_of_fields_is_what_the_api_server_publishes() {
    let client = shared_installation().await.plane.client();
    let request = kube::core::Request::new("/openapi/v2");
    let request = request.list(&ListParams::default()).unwrap();
    let published: Value = client.request(request).await.unwrap();
    let table = table(&published["definitions"]);
    if env::var_os("WRITE_SCHEMA").is_some() {
        fs::write(FILE, &table).unwrap();
    }
    let kept = fs::read_to_string(FILE).unwrap();
    assert!(kept == table, "run `make schema`");
}

/// A line for each field of what the workloads reach, and what rules read beside them.
fn table(definitions: &Value) -> String {
    let definitions = definitions.as_object().unwrap();
    let by_name: BTreeMap<&str, &Value> = definitions
        .iter()
        .map(|(name, definition)| (short(name), definition))
        .collect();
    let mut wanted: Vec<&str> = WorkloadKind::ALL.map(schema::definition).to_vec();
    let beside = Kind::ALL
        .iter()
        .flat_map(|info| schema::definitions_of(info.kind));
    wanted.extend(beside);
    let mut seen = BTreeSet::new();
    let mut lines = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        if !seen.insert(name) {
            continue;
        }
        let fields = by_name[name]["properties"].as_object();
        for (field, property) in fields.into_iter().flatten() {
            let (kind, reached) = kind_of(property, &by_name);
            lines.insert(format!("{name}\t{field}\t{kind}\n"));
            wanted.extend(reached);
        }
    }
    lines.into_iter().collect()
}

fn short(name: &str) -> &str {
    let mut prefixes = PREFIXES.iter();
    prefixes
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}

/// How the table writes a type, and the definition in it.
fn kind_of<'d>(
    property: &'d Value,
    by_name: &BTreeMap<&'d str, &'d Value>,
) -> (String, Option<&'d str>) {
    if let Some(reference) = property["$ref"].as_str() {
        let name = short(reference.strip_prefix("#/definitions/").unwrap());
        let definition = by_name[name];
        return match definition["type"].as_str() {
            _ if name.ends_with("resource.Quantity") => ("quantity".to_owned(), None),
            _ if definition["format"] == "int-or-string" => ("int-or-string".to_owned(), None),
            Some("object") if definition["properties"].is_object() => (name.to_owned(), Some(name)),
            Some("string") => ("string".to_owned(), None),
            _ => ("any".to_owned(), None),
        };
    }
    let nested = |mark: char, inner: &'d Value| {
        let (kind, reached) = kind_of(inner, by_name);
        (format!("{mark}{kind}"), reached)
    };
    match property["type"].as_str() {
        Some("array") => nested('[', &property["items"]),
        Some("object") if property["additionalProperties"].is_object() => {
            nested('{', &property["additionalProperties"])
        }
        Some(simple @ ("string" | "integer" | "number" | "boolean")) => (simple.to_owned(), None),
        _ => ("any".to_owned(), None),
    }
}
