//! `prodready preview` on files.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{prodready, text};

fn written(directory: &Path, name: &str, content: &str) -> String {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

fn policy(name: &str, enforcement: &str) -> String {
    format!(
        "apiVersion: prodready.dev/v1alpha1\nkind: ProductionReadinessPolicy\nmetadata: {{name: {name}}}\nspec:\n  kinds: [Deployment]\n  enforcement: {enforcement}\n"
    )
}

#[test]
fn who_would_be_denied_is_told_with_the_checks_that_cause_it_before_and_after() {
    let directory = tempfile::tempdir().unwrap();
    let before = written(
        directory.path(),
        "before.yaml",
        &policy(
            "house",
            "{denySeverities: [], denyChecks: [privileged-container]}",
        ),
    );
    let after = written(
        directory.path(),
        "after.yaml",
        &policy(
            "house",
            "{denySeverities: [], denyChecks: [privileged-container, image-tag]}",
        ),
    );
    let of = |policies: &[&str], more: &[&str]| {
        let arguments = [&["preview", "manifests/demo/shop-bad"], policies, more].concat();
        prodready(&arguments)
    };
    let output = of(&["--policy", &after, "--before", &before], &["-o", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let preview: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(preview["workloads"], 8);
    let because: Vec<_> = preview["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| json!([change["workload"], change["before"], change["after"]]))
        .collect();
    // Every Deployment of the bad shop has a moving tag; payments alone has a privileged container.
    assert_eq!(
        because,
        [
            json!(["Deployment/cart", "allowed", "denied"]),
            json!(["Deployment/catalogue", "allowed", "denied"]),
            json!(["Deployment/payments", "denied", "denied"]),
            json!(["Deployment/storefront", "allowed", "denied"]),
            json!(["Deployment/worker", "allowed", "denied"]),
        ]
    );
    assert_eq!(preview["deniedBefore"], 1);
    assert_eq!(preview["deniedAfter"], 5);
    assert_eq!(
        preview["checks"],
        json!({"image-tag": 5, "privileged-container": 1})
    );

    let told = text(&of(&["--policy", &after], &[]).stdout);
    assert!(
        told.contains("5 of 8 workloads would be denied; 0 before."),
        "{told}"
    );
}

#[test]
fn a_policy_that_denies_nobody_is_safe_to_apply() {
    let directory = tempfile::tempdir().unwrap();
    let file = written(directory.path(), "policy.yaml", &policy("house", "{}"));
    let output = prodready(&["preview", "manifests/demo/shop-good", "--policy", &file]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(
        text(&output.stdout),
        "0 of 9 workloads would be denied; 0 before.\n"
    );
}

#[test]
fn what_a_policy_fills_in_denies_nothing_and_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let enforcement = "{denySeverities: [], denyChecks: [privilege-escalation, service-links]}";
    let without = policy("house", enforcement).replace("kinds:", "profile: scale\n  kinds:");
    let with = format!("{without}  defaults: {{checks: [privilege-escalation, service-links]}}\n");
    let before = written(directory.path(), "without.yaml", &without);
    let after = written(directory.path(), "with.yaml", &with);
    let arguments = [
        "preview",
        "manifests/demo/shop-bad",
        "--policy",
        &after,
        "--before",
        &before,
    ];
    let output = prodready(&[&arguments[..], &["-o", "json"]].concat());
    let preview: Value = serde_json::from_slice(&output.stdout).unwrap();
    // payments is privileged, beside which false would mean nothing; worker wrote true itself.
    assert_eq!(preview["deniedBefore"], 5);
    assert_eq!(preview["deniedAfter"], 2);
    assert_eq!(
        preview["filledIn"],
        json!({"privilege-escalation": 3, "service-links": 5})
    );
    let output = prodready(&arguments);
    let told = text(&output.stdout);
    assert!(told.contains("FILLED IN"), "{told}");
}
