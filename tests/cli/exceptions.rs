//! Exceptions among files: what they forgive, until when, and what is told about them.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Output, prodready, text};

const CART: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
      - name: web
        image: shop/cart:1.4.2
        securityContext:
          privileged: true
";

const AGENT: &str = "\
apiVersion: prodready.dev/v1alpha1
kind: ReadinessException
metadata: {name: agent, namespace: shop}
spec:
  workloads:
  - {kind: Deployment, name: cart}
  checks: [privileged-container]
  reason: the vendor's agent needs it until release 4.2
  expirationTime: 2027-03-01T00:00:00Z
  approvedBy: olga
";

/// A directory with the Deployment, and an exception beside it.
fn files(exception: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("cart.yaml"), CART).unwrap();
    fs::write(directory.path().join("exception.yaml"), exception).unwrap();
    directory
}

fn audit(path: &Path, at: &str, arguments: &[&str]) -> Output {
    let path = path.display().to_string();
    let common = [
        "audit",
        "-f",
        &path,
        "--checks",
        "privileged-container",
        "--at",
        at,
    ];
    prodready(&[&common[..], arguments].concat())
}

fn list(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_file_s_exception_forgives_until_its_very_end() {
    let directory = files(AGENT);
    let before = audit(directory.path(), "2027-02-01T00:00:00Z", &["-o", "json"]);
    assert_eq!(before.status.code(), Some(0), "{}", text(&before.stderr));
    assert_eq!(text(&before.stderr), "");
    let listed = list(&before);
    let status = &listed["items"][0]["status"];
    assert_eq!(status["findings"], json!(null));
    assert_eq!(
        status["exceptions"],
        json!([{
            "name": "agent",
            "check": "privileged-container",
            "severity": "critical",
            "container": "web",
            "expirationTime": "2027-03-01T00:00:00Z",
            "points": 100,
        }])
    );
    assert_eq!(status["forgiven"], 1);
    assert_eq!(status["scoreWithoutExceptions"], 0);
    assert_eq!(listed["summary"]["forgiven"], 1);
    assert_eq!(
        listed["exceptions"],
        json!([{
            "namespace": "shop",
            "name": "agent",
            "expirationTime": "2027-03-01T00:00:00Z",
            "inForce": true,
            "workloads": 1,
            "findings": 1,
            "pointsForgiven": 100,
        }])
    );

    let last = audit(directory.path(), "2027-02-28T23:59:59Z", &[]);
    assert_eq!(last.status.code(), Some(0));
    let told = text(&last.stdout);
    let line = "shop Deployment/cart: forgiven: critical finding of container web worth 100 points, \
                until 2027-03-01T00:00:00Z by exception agent [privileged-container]";
    assert!(told.contains(line), "{told}");
    assert!(told.contains("; 1 forgiven by exceptions\n"), "{told}");
    assert_eq!(
        text(&last.stderr),
        "note: exception shop/agent: it ends at 2027-03-01T00:00:00Z: mend what it forgives, or ask anew\n"
    );

    let after = audit(directory.path(), "2027-03-01T00:00:00Z", &[]);
    assert_eq!(after.status.code(), Some(1));
    assert_eq!(
        text(&after.stderr),
        "note: exception shop/agent is not in force: it has expired\n"
    );
    assert!(!text(&after.stdout).contains("forgiven"));
}

#[test]
fn what_does_not_count_is_told_with_why() {
    for (written, instead, told) in [
        (
            "  approvedBy: olga\n",
            "",
            "is not in force: nobody has approved it (spec.approvedBy)",
        ),
        (
            "2027-03-01T",
            "2027-12-01T",
            "is not in force: it lasts longer than the 90 days that the policy allows",
        ),
        (
            "name: cart}",
            "name: crat}",
            "is not in force: it fits no workload that a policy governs",
        ),
        (
            "checks:",
            "containers: [{name: proxy}]\n  checks:",
            "forgives nothing: no finding fits: it can be deleted, or names the wrong checks or containers",
        ),
    ] {
        let directory = files(&AGENT.replacen(written, instead, 1));
        let output = audit(directory.path(), "2027-02-01T00:00:00Z", &[]);
        assert_eq!(output.status.code(), Some(1), "{instead}");
        assert_eq!(
            text(&output.stderr),
            format!("note: exception shop/agent {told}\n")
        );
    }
}

#[test]
fn nothing_is_said_of_an_exception_of_checks_that_are_not_asked() {
    let directory = files(AGENT);
    let path = directory.path().display().to_string();
    let output = prodready(&[
        "audit",
        "-f",
        &path,
        "--checks",
        "image-tag",
        "--at",
        "2027-03-01T00:00:00Z",
    ]);
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn exceptions_may_stand_in_a_place_of_their_own() {
    let (directory, elsewhere) = (files(""), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("exceptions.yaml");
    fs::write(&file, format!("{AGENT}---\n{CART}")).unwrap();
    let file = file.display().to_string();
    let given = ["--exceptions", &file, "-o", "json"];
    let output = audit(directory.path(), "2027-02-01T00:00:00Z", &given);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let listed = list(&output);
    assert_eq!(
        listed["summary"]["workloads"], 1,
        "other objects are passed over"
    );
    assert_eq!(listed["summary"]["forgiven"], 1);
}

#[test]
fn a_mistake_in_an_exception_is_named_with_its_place() {
    for (written, instead, told) in [
        (
            "[privileged-container]",
            "['privileged-*']",
            "7:12: spec.checks[0]: there is no check `privileged-*`; `prodready checks` lists them, and a rule of a policy's own has a point in its id",
        ),
        (
            "checks:",
            "container: [{name: web}]\n  checks:",
            "7:3: spec.container: no such field: `kubectl explain rex.spec --recursive` lists them all",
        ),
        ("until release 4.2", "", ""),
        (
            "the vendor's agent needs it until release 4.2",
            "because",
            "8:3: spec.reason: must say why in at least 20 characters",
        ),
        (
            "  expirationTime: 2027-03-01T00:00:00Z\n",
            "",
            "5:3: spec: missing field `expirationTime`",
        ),
    ] {
        let directory = files(&AGENT.replacen(written, instead, 1));
        let output = audit(directory.path(), "2027-02-01T00:00:00Z", &[]);
        let file = directory.path().join("exception.yaml");
        let wanted = if told.is_empty() {
            String::new()
        } else {
            format!("error: {}:{told}\n", file.display())
        };
        assert_eq!(text(&output.stderr), wanted, "{instead}");
        let code = if told.is_empty() { 0 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{instead}");
    }
}
