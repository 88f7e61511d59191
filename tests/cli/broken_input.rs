//! Every row of docs/broken-input.md, so that the document says what happens.

use std::{collections::BTreeSet, fs, path::Path};

use super::{prodready, text};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cells of the rows below a heading of the document.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let document = fs::read_to_string(repository().join("docs/broken-input.md")).unwrap();
    let section = document
        .split("\n## ")
        .find_map(|section| section.strip_prefix(heading));
    let rows = section
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("| "));
    rows.skip(1)
        .map(|row| {
            let cells = row.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

#[test]
fn every_broken_file_is_told_as_the_document_says() {
    for row in rows("Files\n") {
        let [file, told] = &row[..] else {
            panic!("{row:?}")
        };
        let path = format!("manifests/broken/{file}");
        let output = prodready(&["audit", &path]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert_eq!(
            text(&output.stderr),
            format!("error: {path}:{told}\n"),
            "{file}"
        );
    }
}

#[test]
fn every_broken_file_has_its_row() {
    let listed: BTreeSet<String> = rows("Files\n")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let there: BTreeSet<String> = fs::read_dir(repository().join("manifests/broken"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn every_test_that_the_document_names_exists() {
    let sources = [
        "src/webhook/router.rs",
        "src/input/policy.rs",
        "tests/cluster/policies.rs",
    ];
    let code: String = sources
        .iter()
        .map(|source| fs::read_to_string(repository().join(source)).unwrap())
        .collect();
    for row in [rows("Policies\n"), rows("The gate\n")].concat() {
        let name = row[2].trim_matches('`');
        assert!(code.contains(&format!("fn {name}(")), "{name}");
    }
}
