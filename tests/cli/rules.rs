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
fn a_field_that_is_none_is_told_with_file_rule_place_and_what_may_be_meant() {
    let rules = rule("acme.right", "object.spec.replicas > 1")
        + &rule(
            "acme.wrong",
            "object.spec.template.spec.containers.all(c, c.imagePullPolcy == 'Always')",
        );
    let ends = "policy.yaml:18:5: spec.rules[1].expression: rule acme.wrong: 1:47: c (Container) has no field \
                imagePullPolcy; did you mean imagePullPolicy?";
    let listed = {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("policy.yaml");
        fs::write(&path, format!("{HEAD}{rules}")).unwrap();
        prodready(&["checks", "--policy", &path.display().to_string()])
    };
    for output in [run("audit", &rules, &[]), listed] {
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 1, "{told}");
        assert!(lines[0].ends_with(ends), "{told}");
        assert_eq!(text(&output.stdout), "");
    }
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

/// A policy with one rule, in a file.
fn with_runbook() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("policy.yaml");
    let rule = "  - id: acme.runbook
    title: Workload has no runbook
    severity: medium
    category: Documentation
    weight: 3
    kinds: [Deployment]
    appliesTo: object.metadata.namespace != 'lab'
    expression: |
      isURL(object.metadata.?annotations[?params.key].orValue(''))
        && size(related.services) > 0
    message: has no runbook
    why: Whoever is woken at night reads the code first.
    fix: Link the runbook.
    fieldPath: metadata.annotations
    params: [{name: key, value: acme.example/runbook}, {name: hosts, values: [a, b]}]
";
    fs::write(&path, format!("{HEAD}{rule}")).unwrap();
    let path = path.display().to_string();
    (directory, path)
}

#[test]
fn a_policy_s_rules_are_listed_beside_the_checks() {
    let (_directory, policy) = with_runbook();
    let checks = |more: &[&str]| prodready(&[&["checks", "--policy", &policy], more].concat());
    let table = text(&checks(&[]).stdout);
    let last = table.lines().last().unwrap();
    assert_eq!(
        last.split_whitespace().collect::<Vec<_>>().join(" "),
        "acme.runbook medium Documentation - Workload has no runbook (rule of policy house)"
    );
    assert!(table.contains("privileged-container"), "{table}");

    let rows: Value = serde_json::from_slice(&checks(&["-o", "json"]).stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert_eq!(
        rows.last().unwrap(),
        &json!({
            "id": "acme.runbook",
            "title": "Workload has no runbook",
            "category": "Documentation",
            "severity": "medium",
            "needsSurroundings": true,
            "rule": true,
            "policy": "house",
            "weight": 3,
            "kinds": ["Deployment"],
            "deny": false,
            "params": [
                {"name": "key", "value": "acme.example/runbook"},
                {"name": "hosts", "values": ["a", "b"]},
            ],
        })
    );
    assert_eq!(rows[0]["rule"], Value::Null);

    let names = text(&checks(&["-o", "name", "--category", "Documentation"]).stdout);
    assert_eq!(names, "acme.runbook\n");
    let names = text(&checks(&["-o", "name", "--category", "Security"]).stdout);
    assert!(!names.contains("acme.runbook"), "{names}");
}

#[test]
fn a_rule_is_explained() {
    let (_directory, policy) = with_runbook();
    let output = prodready(&["explain", "acme.runbook", "--policy", &policy]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let wanted = "\
acme.runbook: Workload has no runbook
Documentation, medium (P2), weight 3, rule of policy house

Asks
  Deployment
Applies where
  object.metadata.namespace != 'lab'
Fails unless
  isURL(object.metadata.?annotations[?params.key].orValue(''))
    && size(related.services) > 0
What happens
  Whoever is woken at night reads the code first.
What to do
  Link the runbook.
Field
  metadata.annotations
params.key
  acme.example/runbook
params.hosts
  a, b
At the gate
  It looks at what stands around a workload, so it denies only with `deny: true`.
";
    assert_eq!(text(&output.stdout), wanted);
    for (arguments, told) in [
        (
            &["explain", "acme.runbook"][..],
            "error: acme.runbook is a rule of a policy's own: name its file with --policy\n",
        ),
        (
            &["explain", "acme.other", "--policy", &policy],
            ": there is no rule acme.other; it has acme.runbook\n",
        ),
    ] {
        let output = prodready(arguments);
        assert_eq!(output.status.code(), Some(2));
        let stderr = text(&output.stderr);
        assert!(stderr.ends_with(told), "{stderr}");
    }
}
