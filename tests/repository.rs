//! The house rules that are about files rather than about types.

use std::{fs, path::Path};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_member_of_the_workspace_has_the_common_lints() {
    for member in ["", "crates/engine", "crates/manifest", "crates/testkit"] {
        let manifest = fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{member:?} does not use the workspace's lints"
        );
    }
}

#[test]
fn the_engine_names_no_crate_that_does_io() {
    let manifest = fs::read_to_string(root().join("crates/engine/Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
    for crate_name in [
        "tokio", "kube =", "kube.", "hyper", "axum", "rustls", "reqwest",
    ] {
        assert!(
            !dependencies.contains(crate_name),
            "the engine must not depend on {crate_name}"
        );
    }
}

#[test]
fn the_generated_definitions_are_current() {
    let written = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_prodready");
    let directory = written.path().to_str().unwrap();
    let ended = std::process::Command::new(program)
        .args(["crd", "--directory", directory])
        .status()
        .unwrap();
    assert!(ended.success());
    for file in [
        "productionreadinesspolicies.yaml",
        "readinessexceptions.yaml",
        "readinessreports.yaml",
    ] {
        let wanted = fs::read_to_string(written.path().join(file)).unwrap();
        for place in ["crds", "charts/prodready/files/crds"] {
            let found = fs::read_to_string(root().join(place).join(file)).unwrap_or_default();
            assert!(
                found == wanted,
                "{place}/{file} is not current: run `make generate`"
            );
        }
    }
}
