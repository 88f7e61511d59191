//! The house rules that are about files rather than about types.

use std::{collections::BTreeSet, fs, path::Path};

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

/// Documents of which each sentence is held by a test that stands beside it.
const HELD_BY_TESTS: [&str; 3] = ["docs/gate.md", "docs/exceptions.md", "docs/defaults.md"];

#[test]
fn every_test_and_file_that_a_document_names_is_there() {
    let tests = names_of_tests().unwrap();
    assert!(tests.len() > 300, "{} tests were found", tests.len());
    for document in HELD_BY_TESTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for (number, line) in text.lines().enumerate() {
            let place = format!("{document}:{}", number + 1);
            for name in in_backticks(line).filter(|name| reads_as_a_test(name)) {
                assert!(tests.contains(name), "{place}: there is no test {name}");
            }
            for path in paths_in(line) {
                assert!(
                    root().join(path).is_file(),
                    "{place}: there is no file {path}"
                );
            }
        }
        let rows = rows_with_a_test(&text);
        assert!(rows.len() > 5, "{document}: its tables were not found");
        for (row, held_by) in rows {
            let is_there = in_backticks(held_by).any(|name| tests.contains(name))
                || paths_in(held_by).next().is_some();
            assert!(is_there, "{document}: no test holds this row: {row}");
        }
    }
}

#[test]
fn the_page_about_defaults_tells_of_each_check_that_may_be_listed() {
    let page = std::fs::read_to_string(root().join("docs/defaults.md")).unwrap();
    let (_, table) = page.split_once("| check | adds |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| !line.is_empty());
    let told: BTreeSet<&str> = rows
        .flat_map(|row| in_backticks(row.split('|').nth(1).unwrap()))
        .collect();
    let fillable = prodready_engine::checks::fillable().map(|check| check.id);
    assert_eq!(told, fillable.collect());
}

/// The rows of all tables whose last column is headed `test`, each with that column.
fn rows_with_a_test(text: &str) -> Vec<(&str, &str)> {
    let mut is_in_table = false;
    let mut rows = Vec::new();
    for line in text.lines() {
        let last = line
            .trim()
            .strip_suffix('|')
            .and_then(|line| line.rsplit_once('|'));
        match last {
            None => is_in_table = false,
            Some((_, cell)) if cell.trim() == "test" => is_in_table = true,
            Some((_, cell))
                if cell.trim().trim_matches('-').is_empty() && !cell.trim().is_empty() => {}
            Some((_, cell)) if is_in_table => rows.push((line, cell)),
            Some(_) => {}
        }
    }
    rows
}

fn in_backticks(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A sentence in lower case with underscores; metrics begin with who counts them.
fn reads_as_a_test(name: &str) -> bool {
    let is_sentence = name.split('_').count() > 3
        && name
            .chars()
            .all(|letter| letter == '_' || letter.is_ascii_lowercase() || letter.is_ascii_digit());
    is_sentence && !name.starts_with("prodready_") && !name.starts_with("apiserver_")
}

fn paths_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| letter.is_whitespace() || "()`,;|:".contains(letter));
    words.filter(|word| {
        let is_ours = ["crates/", "docs/", "src/", "tests/"]
            .iter()
            .any(|room| word.starts_with(room));
        is_ours && [".rs", ".md"].iter().any(|end| word.ends_with(end))
    })
}

fn names_of_tests() -> std::io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for room in ["crates", "src", "tests"] {
        for entry in ignore::Walk::new(root().join(room)).filter_map(Result::ok) {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "rs")
            {
                names.extend(tests_in(&fs::read_to_string(entry.path())?));
            }
        }
    }
    Ok(names)
}

/// The functions with an attribute that makes them a test.
fn tests_in(source: &str) -> Vec<String> {
    let mut is_test = false;
    let mut names = Vec::new();
    for line in source.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        }
        let line = line.strip_prefix("async ").unwrap_or(line);
        if let Some((name, _)) = line
            .strip_prefix("fn ")
            .and_then(|rest| rest.split_once('('))
        {
            if is_test {
                names.push(name.to_owned());
            }
            is_test = false;
        }
    }
    names
}
