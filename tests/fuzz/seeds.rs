//! What the fuzzer starts from: the examples of the checks, and the manifests of this repository.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use prodready_engine::object::resource::Known;
use serde_json::{Value, json};

use super::examples;

/// Longer files are slow to vary and say nothing new.
const LONGEST: usize = 12_000;

/// Requests about every workload of the examples: made, changed from the one before it, scaled.
pub(crate) fn reviews() -> Vec<Vec<u8>> {
    let workloads: Vec<Value> = examples::all()
        .iter()
        .flat_map(examples::Example::values)
        .filter(|value| {
            let text = |field: &str| value[field].as_str().unwrap_or_default();
            let known = Known::find(text("apiVersion"), text("kind"));
            matches!(known, Some(Known::Workload(_)))
        })
        .collect();
    let made = workloads.iter().map(|object| review(object, &Value::Null));
    let changed = workloads
        .windows(2)
        .filter(|pair| pair[0]["kind"] == pair[1]["kind"])
        .step_by(4)
        .map(|pair| review(&pair[1], &pair[0]));
    made.chain(changed).chain([scale()]).collect()
}

fn review(object: &Value, old: &Value) -> Vec<u8> {
    let written = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = written.split_once('/').unwrap_or(("", written));
    let kind = object["kind"].as_str().unwrap_or_default();
    let resource = format!("{}s", kind.to_lowercase());
    let operation = if old.is_null() { "CREATE" } else { "UPDATE" };
    request(&json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": group, "version": version, "kind": kind},
        "resource": {"group": group, "version": version, "resource": resource},
        "name": object["metadata"]["name"].as_str().unwrap_or_default(),
        "namespace": "shop",
        "operation": operation,
        "userInfo": {"username": "alice", "groups": ["developers"]},
        "object": object,
        "oldObject": old,
        "dryRun": false,
    }))
}

fn scale() -> Vec<u8> {
    request(&json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "subResource": "scale",
        "name": "cart",
        "namespace": "shop",
        "operation": "UPDATE",
        "object": {"kind": "Scale", "metadata": {"name": "cart"}, "spec": {"replicas": 1}},
    }))
}

fn request(request: &Value) -> Vec<u8> {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": request,
    });
    serde_json::to_vec(&review).unwrap()
}

/// The policies of this repository as YAML and as JSON, and one that sets each parameter of the examples.
pub(crate) fn policies() -> Vec<Vec<u8>> {
    let mut found = BTreeSet::new();
    for path in files(&["manifests/policies", "manifests/demo"]) {
        let text = fs::read_to_string(&path).unwrap();
        if text.contains("ProductionReadinessPolicy") {
            let value: Value = serde_saphyr::from_str(&text).unwrap();
            found.insert(serde_json::to_vec(&value).unwrap());
            found.insert(text.into_bytes());
        }
    }
    for example in examples::all() {
        let parameters: Vec<Value> = example
            .block
            .parameters
            .iter()
            .map(|(name, values)| match &values[..] {
                [value] => match value.parse::<i32>() {
                    Ok(number) => json!({"name": name, "value": number}),
                    Err(_) => json!({"name": name, "value": value}),
                },
                values => json!({"name": name, "values": values}),
            })
            .collect();
        if !parameters.is_empty() {
            found.insert(policy(
                &json!({"id": example.check.id, "parameters": parameters}),
            ));
        }
    }
    found.into_iter().collect()
}

fn policy(check: &Value) -> Vec<u8> {
    let policy = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "house"},
        "spec": {
            "profile": "scale",
            "checks": [check],
            "thresholds": {"production": 80, "scale": 90},
            "enforcement": {"mode": "Enforce", "denySeverities": ["critical"], "minimumScore": 50},
        },
    });
    serde_json::to_vec(&policy).unwrap()
}

/// The examples with what is put around them, and the files under manifests.
pub(crate) fn manifests() -> Vec<Vec<u8>> {
    let examples = examples::all().into_iter();
    let examples = examples.map(|example| example.text.into_bytes());
    let files = files(&["manifests"]).into_iter();
    let files = files.map(|path| fs::read(path).unwrap());
    let all: BTreeSet<Vec<u8>> = examples.chain(files).collect();
    let short = all.into_iter().filter(|text| text.len() <= LONGEST);
    short.collect()
}

/// Every text that stands anywhere in the examples, and every variable of theirs as `NAME=value`.
pub(crate) fn texts() -> Vec<Vec<u8>> {
    let mut found = BTreeSet::new();
    for example in examples::all() {
        for value in example.values() {
            add_texts(&value, &mut found);
        }
    }
    found.into_iter().map(String::into_bytes).collect()
}

fn add_texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, found)),
        Value::Object(fields) => {
            if let (Some(name), Some(value)) = (value["name"].as_str(), value["value"].as_str()) {
                found.insert(format!("{name}={value}"));
            }
            fields.values().for_each(|field| add_texts(field, found));
        }
        _ => {}
    }
}

/// The files in and below directories of this repository.
fn files(directories: &[&str]) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut left: Vec<PathBuf> = directories.iter().map(|each| root.join(each)).collect();
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            left.extend(entries.map(|entry| entry.unwrap().path()));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
