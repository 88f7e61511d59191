//! A policy's own rules in `prodready audit` and `prodready preview`.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{Output, prodready, text};

const CART: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  template:
    metadata: {labels: {app: cart}}
    spec:
      dnsPolicy: Default
      containers: [{name: web, image: shop/cart:1.4.2}]
---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: cart}, ports: [{port: 80}], sessionAffinity: ClientIP}
";

const HEAD: &str = "\
apiVersion: prodready.dev/v1alpha1
kind: ProductionReadinessPolicy
metadata: {name: house}
spec:
  enforcement: {mode: Enforce, denySeverities: []}
  rules:
";

fn rule(id: &str, expression: &str) -> String {
    format!(
        "  - id: {id}\n    title: Wrong\n    severity: high\n    expression: {expression}\n    message: is wrong\n    fix: Mend it.\n    fieldPath: spec.template.spec.dnsPolicy\n    deny: true\n"
    )
}

/// What a command on the cart makes of a policy with these rules.
fn run(command: &str, rules: &str, more: &[&str]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let written = |name: &str, content: &str| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let cart = written("cart.yaml", CART);
    let policy = written("policy.yaml", &format!("{HEAD}{rules}"));
    prodready(&[&[command, &cart, "--policy", &policy], more].concat())
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_mistake_in_a_rule_is_told_with_file_rule_line_and_column() {
    let rules = rule("acme.right", "'true'") + &rule("acme.wrong", "\"true && objct.spec.paused\"");
    let output = run("audit", &rules, &[]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 1, "{told}");
    assert!(lines[0].starts_with("error: "), "{told}");
    let ends = "policy.yaml:18:5: spec.rules[1].expression: rule acme.wrong: 1:9: there is no variable objct; \
                there are object, oldObject, namespaceObject, params, related";
    assert!(lines[0].ends_with(ends), "{told}");
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_finding_of_a_rule_has_the_shape_of_any_other() {
    let rules = rule(
        "acme.dns",
        "object.spec.template.spec.dnsPolicy == 'ClusterFirst'",
    ) + &rule(
        "acme.sticky",
        "related.services.all(s, s.spec.sessionAffinity == 'ClientIP')",
    ) + &rule(
        "acme.tier",
        "namespaceObject.metadata.labels.tier == 'gold'",
    );
    let output = run("audit", &rules, &["-o", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let list = json_of(&output);
    let status = &list["items"][0]["status"];
    let findings = status["findings"].as_array().unwrap();
    let mut finding = findings
        .iter()
        .find(|finding| finding["check"] == "acme.dns")
        .unwrap()
        .clone();
    let points = finding["points"].take().as_f64().unwrap();
    assert!(points > 0.0, "{points}");
    let file = finding["location"]["file"].take();
    assert_eq!(
        Path::new(file.as_str().unwrap()).file_name().unwrap(),
        "cart.yaml"
    );
    assert_eq!(
        finding,
        json!({
            "check": "acme.dns", "severity": "high", "category": "Compliance",
            "pointer": "/spec/template/spec/dnsPolicy", "message": "is wrong", "why": "Wrong", "fix": "Mend it.",
            "points": null, "location": {"file": null, "line": 8, "column": 7},
        })
    );
    let passed = status["passed"].as_array().unwrap();
    assert!(passed.contains(&json!("acme.sticky")), "{passed:?}");
    // The Namespace is not among the files.
    let unknown = status["unknown"].as_array().unwrap();
    let tier = unknown
        .iter()
        .find(|unknown| unknown["check"] == "acme.tier")
        .unwrap();
    assert_eq!(
        tier["reason"],
        "no Namespace among the files; it usually comes with the cluster"
    );
}

#[test]
fn the_table_and_a_preview_name_the_rule() {
    let rules = rule(
        "acme.dns",
        "object.spec.template.spec.dnsPolicy == 'ClusterFirst'",
    );
    let told = text(&run("audit", &rules, &[]).stdout);
    assert!(told.contains("is wrong [acme.dns]"), "{told}");

    let output = run("preview", &rules, &["-o", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let preview = json_of(&output);
    assert_eq!(preview["checks"], json!({"acme.dns": 1}));
    assert_eq!(preview["changes"][0]["checks"], json!(["acme.dns"]));
}

#[test]
fn narrowing_to_checks_asks_no_rule() {
    let rules = rule("acme.dns", "'false'");
    let output = run("audit", &rules, &["--checks", "image-tag", "-o", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        json_of(&output)["items"][0]["status"]["passed"],
        json!(["image-tag"])
    );
}
