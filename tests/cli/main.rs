//! The binary, without a cluster: arguments, exit codes, formats.
#![expect(clippy::unwrap_used, reason = "a failing helper must end its test")]

mod audit;
mod baseline;
mod broken_input;
mod exceptions;
mod preview;
mod rules;

use std::process::{Command, Output};

fn prodready(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn checks_are_listed_as_json_with_the_fields_that_tools_read() {
    let output = prodready(&["checks", "-o", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let privileged = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == "privileged-container")
        .unwrap();
    assert_eq!(privileged["severity"], "critical");
    assert_eq!(privileged["category"], "Security");
    assert_eq!(
        privileged["profiles"],
        serde_json::json!(["baseline", "production", "scale"])
    );
    assert_eq!(privileged["needsSurroundings"], false);
}

#[test]
fn coverage_names_the_check_for_each_id_of_another_tool() {
    let told = text(&prodready(&["checks", "--coverage"]).stdout);
    let line = told
        .lines()
        .find(|line| line.starts_with("kube-linter:privileged-container "));
    assert!(
        line.is_some_and(|line| line.ends_with(" privileged-container")),
        "{told}"
    );
    assert!(told.contains("\nkube-linter:sorted-keys "), "{told}");
    assert!(told.trim_end().ends_with("are left out."), "{told}");
}

#[test]
fn a_list_of_others_names_the_checks_for_each_control() {
    let told = text(&prodready(&["checks", "--view", "cis"]).stdout);
    let line = told.lines().find(|line| line.starts_with("5.2.2 "));
    assert!(
        line.is_some_and(|line| line.contains("privileged-container")),
        "{told}"
    );
    let output = prodready(&["checks", "--view", "iso"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("write one of pss-baseline"));
}

#[test]
fn an_unknown_check_is_an_error_of_usage_that_names_what_was_meant() {
    let output = prodready(&["explain", "privileged"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "error: invalid value 'privileged' for '<CHECK>': there is no such check; did you mean privileged-container or privileged-port or scc-privileged?\n\nFor more information, try '--help'.\n"
    );
}

#[test]
fn an_explanation_tells_what_to_do_and_where_it_is_written() {
    let output = prodready(&["explain", "minimum-replicas"]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    for part in [
        "What to do\n",
        "Run at least two replicas",
        "min: The fewest replicas.",
        "https://kubernetes.io/",
    ] {
        assert!(told.contains(part), "{part:?} is missing from\n{told}");
    }
}

#[test]
fn the_definitions_of_both_kinds_are_printed() {
    let output = prodready(&["crd"]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    for name in [
        "productionreadinesspolicies.prodready.dev",
        "readinessreports.prodready.dev",
    ] {
        assert!(told.contains(name), "{name} is missing");
    }
}

#[test]
fn without_a_cluster_doctor_and_why_end_with_two() {
    for command in [&["doctor"][..], &["why", "deploy/cart"]] {
        let kubeconfig = ["--kubeconfig", "no-such-file"];
        let output = prodready(&[command, &kubeconfig].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.starts_with("error: no cluster to "), "{told}");
    }
}
