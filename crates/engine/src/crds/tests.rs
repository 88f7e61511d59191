//! What holds for every definition.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};

use super::crds;
use crate::api::{API_VERSION, GROUP, VERSION};

const CHECKS: &[&str] = &["pinned-image", "cpu-ratio", "readiness-probe"];
const PARAMETERS: &[(&str, &[&str])] = &[
    ("cpu-ratio", &["max", "min"]),
    ("pinned-image", &["registries"]),
];

fn definitions() -> Vec<Value> {
    let wire = |crd: CustomResourceDefinition| serde_json::to_value(crd).unwrap();
    crds(CHECKS, PARAMETERS).into_iter().map(wire).collect()
}

fn schema(definition: &Value, path: &str) -> Value {
    let root = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    root.pointer(path)
        .unwrap_or_else(|| panic!("no {path} in {root}"))
        .clone()
}

/// Every schema with its path, depth first.
fn walk(schema: &Value, path: &str, seen: &mut Vec<(String, Value)>) {
    seen.push((path.to_owned(), schema.clone()));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(property, &format!("{path}.{name}"), seen);
    }
    for (key, suffix) in [("items", "[]"), ("additionalProperties", "{}")] {
        if schema[key].is_object() {
            walk(&schema[key], &format!("{path}{suffix}"), seen);
        }
    }
}

fn schemas() -> Vec<(String, Value)> {
    let mut seen = Vec::new();
    for definition in definitions() {
        let kind = definition["spec"]["names"]["kind"].as_str().unwrap();
        walk(&schema(&definition, ""), kind, &mut seen);
    }
    seen
}

fn offenders(is_wrong: impl Fn(&str, &Value) -> bool) -> Vec<String> {
    let wrong = schemas()
        .into_iter()
        .filter(|(path, schema)| is_wrong(path, schema));
    wrong
        .map(|(path, schema)| format!("{path}: {schema}"))
        .collect()
}

const NONE: [String; 0] = [];

#[test]
fn group_and_version_are_those_that_manifests_write() {
    assert_eq!(API_VERSION, format!("{GROUP}/{VERSION}"));
    for definition in definitions() {
        assert_eq!(definition["spec"]["group"], GROUP);
        assert_eq!(definition["spec"]["versions"][0]["name"], VERSION);
    }
}

#[test]
fn every_property_says_what_it_means() {
    let is_property = |path: &str| !path.ends_with("[]") && !path.ends_with("{}");
    let has_text = |schema: &Value| {
        schema["description"]
            .as_str()
            .is_some_and(|text| text.ends_with('.'))
    };
    assert_eq!(
        offenders(|path, schema| is_property(path) && !has_text(schema)),
        NONE
    );
}

#[test]
fn every_value_has_bounds() {
    let unbounded = |_: &str, schema: &Value| match schema["type"].as_str() {
        Some("string") => ["maxLength", "enum", "format"]
            .iter()
            .all(|bound| schema[*bound].is_null()),
        Some("array") => schema["maxItems"].is_null() || schema["x-kubernetes-list-type"].is_null(),
        Some("integer") if schema["format"] == "int64" => schema["minimum"].is_null(),
        Some("integer" | "number") => schema["minimum"].is_null() || schema["maximum"].is_null(),
        Some("object") => {
            schema["additionalProperties"].is_object() && schema["maxProperties"].is_null()
        }
        Some("boolean") => false,
        _ => schema["x-kubernetes-int-or-string"] != true || schema["maxLength"].is_null(),
    };
    assert_eq!(offenders(unbounded), NONE);
}

#[test]
fn nothing_of_rusts_types_shows() {
    let leftovers = ["nullable", "title", "anyOf", "oneOf", "allOf", "$ref"];
    let has_null = |schema: &Value| {
        schema["enum"]
            .as_array()
            .is_some_and(|words| words.contains(&Value::Null))
    };
    let odd_format = |schema: &Value| {
        schema["format"]
            .as_str()
            .is_some_and(|format| format.starts_with("uint"))
    };
    let is_odd = |schema: &Value| leftovers.iter().any(|key| !schema[*key].is_null());
    assert_eq!(
        offenders(|_, schema| is_odd(schema) || has_null(schema) || odd_format(schema)),
        NONE
    );
    assert_eq!(
        offenders(|path, schema| path.contains(".status") && !schema["default"].is_null()),
        NONE
    );
}

#[test]
fn every_rule_says_the_remedy() {
    let mut places = Vec::new();
    for (path, schema) in schemas() {
        let rules = schema["x-kubernetes-validations"].as_array();
        for rule in rules.into_iter().flatten() {
            let message = rule["message"].as_str().unwrap();
            assert!(message.contains("must"), "{path}: {message}");
            places.push(path.clone());
        }
    }
    let setting = "ProductionReadinessPolicy.spec.checks[]";
    let expected = [
        "ProductionReadinessPolicy.spec",
        "ProductionReadinessPolicy.spec",
        "ProductionReadinessPolicy.spec",
        setting,
        setting,
        setting,
        setting,
        "ProductionReadinessPolicy.spec.checks[].parameters[]",
        "ProductionReadinessPolicy.spec.enforcement.ratchet",
        "ProductionReadinessPolicy.spec.namespaceSelector.matchExpressions[]",
        "ProductionReadinessPolicy.spec.namespaceSelector.matchLabels",
        "ProductionReadinessPolicy.spec.rules[]",
        "ProductionReadinessPolicy.spec.rules[].params[]",
        "ProductionReadinessPolicy.spec.thresholds",
        "ProductionReadinessPolicy.spec.workloadSelector.matchExpressions[]",
        "ProductionReadinessPolicy.spec.workloadSelector.matchLabels",
        "ReadinessReport.spec.subject",
        "ReadinessException.spec",
        "ReadinessException.spec",
        "ReadinessException.spec",
        "ReadinessException.spec.checks[]",
        "ReadinessException.spec.containers[]",
        "ReadinessException.spec.selector.matchExpressions[]",
        "ReadinessException.spec.selector.matchLabels",
    ];
    assert_eq!(places, expected);
}

#[test]
fn columns_are_what_a_reader_asks_first() {
    let columns = |definition: &Value, wide: bool| -> Vec<String> {
        let columns = definition["spec"]["versions"][0]["additionalPrinterColumns"]
            .as_array()
            .unwrap();
        let shown = columns
            .iter()
            .filter(|column| column["priority"].is_null() || wide);
        shown
            .map(|column| column["name"].as_str().unwrap().to_uppercase())
            .collect()
    };
    let [policy, report, exception] = &definitions()[..] else {
        panic!("three kinds")
    };
    assert_eq!(
        columns(policy, false),
        ["SCORE", "VERDICT", "READY", "ENFORCEMENT", "AGE"]
    );
    assert_eq!(
        columns(report, false),
        [
            "WORKLOAD", "SCORE", "VERDICT", "CRITICAL", "HIGH", "POLICY", "AGE"
        ]
    );
    assert!(columns(report, true).contains(&"WORST".to_owned()));
    assert_eq!(
        columns(exception, false),
        ["EXPIRES", "IN-FORCE", "WHY", "MATCHES", "AGE"]
    );
}

#[test]
fn names_are_short_and_listed_together() {
    let [policy, report, exception] = &definitions()[..] else {
        panic!("three kinds")
    };
    assert_eq!(policy["spec"]["names"]["shortNames"], json!(["prp"]));
    assert_eq!(
        report["spec"]["names"]["shortNames"],
        json!(["readiness", "rr"])
    );
    assert_eq!(exception["spec"]["names"]["shortNames"], json!(["rex"]));
    for definition in [policy, report, exception] {
        assert_eq!(
            definition["spec"]["names"]["categories"],
            json!(["prodready"])
        );
        assert_eq!(
            definition["spec"]["versions"][0]["subresources"],
            json!({"status": {}})
        );
    }
}

#[test]
fn only_known_checks_and_their_parameters_may_be_named() {
    let policy = &definitions()[0];
    let spec = schema(policy, "/properties/spec/properties");
    let ids = json!(["cpu-ratio", "pinned-image", "readiness-probe"]);
    assert_eq!(spec["checks"]["items"]["properties"]["id"]["enum"], ids);
    assert_eq!(
        spec["enforcement"]["properties"]["denyChecks"]["items"]["enum"],
        ids
    );
    let exception = schema(&definitions()[2], "/properties/spec/properties");
    let named = &exception["checks"]["items"]["x-kubernetes-validations"];
    assert_eq!(
        named[0]["rule"],
        "self in ['cpu-ratio', 'pinned-image', 'readiness-probe'] || \
         self.matches(r'^[a-z][a-z0-9]*(-[a-z0-9]+)*\\.[a-z][a-z0-9]*(-[a-z0-9]+)*$')"
    );
    let rules = &spec["checks"]["items"]["x-kubernetes-validations"];
    assert_eq!(
        rules[1]["rule"],
        "!has(self.parameters) || self.id in ['cpu-ratio', 'pinned-image']"
    );
    assert_eq!(
        rules[2],
        json!({
            "rule": "self.id != 'cpu-ratio' || !has(self.parameters) || \
                     self.parameters.all(parameter, parameter.name in ['max', 'min'])",
            "message": "every `name` must be one that check 'cpu-ratio' has: 'max' or 'min'",
            "fieldPath": ".parameters",
        })
    );
}

#[test]
fn defaults_are_filled_in_by_the_api_server() {
    let spec = schema(&definitions()[0], "/properties/spec/properties");
    let defaults = |name: &str| spec[name]["default"].clone();
    assert_eq!(defaults("precedence"), 0);
    assert_eq!(defaults("profile"), "production");
    assert_eq!(
        defaults("thresholds"),
        json!({"production": 80, "scale": 90})
    );
    assert_eq!(
        defaults("enforcement"),
        json!({"mode": "Audit", "ratchet": {"enabled": true}, "denySeverities": ["critical"]})
    );
    assert_eq!(defaults("exceptions"), json!({"maxDays": 90}));
    assert_eq!(defaults("checks"), Value::Null);
}
