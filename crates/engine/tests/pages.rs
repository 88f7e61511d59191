//! One page of documentation for each check, made from its declaration and its examples.
//!
//! `make docs` writes them; this test holds those that are checked in current.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "documents are files, and a failing helper must end its test"
)]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use prodready_engine::{
    check::{Ask, Check, Parameter, ParameterKind},
    checks,
};

/// By which the pages are written instead of compared.
const WRITE: &str = "WRITE_PAGES";

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks")
}

/// Every page by the name of its file.
fn pages() -> BTreeMap<String, String> {
    let pages = checks::all().map(|check| (format!("{}.md", check.id), page(check)));
    pages.chain([("README.md".to_owned(), index())]).collect()
}

fn index() -> String {
    let mut text = String::from(
        "# Checks\n\nMade by `make docs` from the declarations in crates/engine/src/checks; do not edit.\n",
    );
    let mut category = None;
    for check in checks::all() {
        if category.replace(check.category) != Some(check.category) {
            let name = check.category;
            writeln!(
                text,
                "\n## {name}\n\n| check | asks | severity | from profile |\n|---|---|---|---|"
            )
            .unwrap();
        }
        let (id, title) = (check.id, check.title);
        let (severity, profile) = (check.severity, check.profile);
        writeln!(
            text,
            "| [{id}]({id}.md) | {title} | {severity} | {profile} |"
        )
        .unwrap();
    }
    text
}

fn page(check: &Check) -> String {
    let text = check.text;
    let mut page = format!("# {}\n\n{}.\n\n", check.id, check.title);
    let minutes = check.effort.0;
    writeln!(
        page,
        "| severity | category | asked from profile | asks | effort |\n|---|---|---|---|---|\n| {} | {} | {} | {} | {minutes} minutes |",
        check.severity,
        check.category,
        check.profile,
        whom(check),
    )
    .unwrap();
    let sections = [
        ("When it fails", text.sees.to_owned()),
        ("Root cause", text.root_cause.to_owned()),
        (
            "What happens if it is left",
            format!("{} {}", text.scenario, text.impact),
        ),
        ("How to mend it", text.fix.to_owned()),
    ];
    for (title, body) in sections {
        writeln!(page, "\n## {title}\n\n{body}").unwrap();
    }
    if !check.parameters.is_empty() {
        page.push_str(
            "\n## Parameters\n\n| name | type | default | meaning |\n|---|---|---|---|\n",
        );
        for parameter in check.parameters {
            page.push_str(&parameter_row(parameter));
        }
    }
    page.push_str("\n## Examples\n\nA comment `# fails:` stands where the finding points.\n");
    page.push_str(&examples(check));
    page.push_str("\n## Sources\n\n");
    for link in check.links {
        writeln!(page, "- <{link}>").unwrap();
    }
    if !check.covers.peers.is_empty() {
        page.push_str("\n## What other tools call it\n\n");
        let names: Vec<String> = check
            .covers
            .peers
            .iter()
            .map(|peer| format!("`{peer}`"))
            .collect();
        writeln!(page, "{}", names.join(", ")).unwrap();
    }
    page
}

fn whom(check: &Check) -> &'static str {
    match check.ask {
        Ask::Containers(..) => "each container",
        Ask::Workload(_) => "the workload",
        Ask::Surroundings(_) => "the workload and what surrounds it",
        Ask::Namespace(_) => "the namespace",
    }
}

fn parameter_row(parameter: &Parameter) -> String {
    let (kind, default) = match parameter.kind {
        ParameterKind::Integer { min, max, default } => {
            (format!("whole number, {min} to {max}"), default.to_string())
        }
        ParameterKind::Quantity { default } => ("amount".to_owned(), default.to_owned()),
        ParameterKind::Texts { default } => ("list of texts".to_owned(), default.join(", ")),
    };
    let (name, describes) = (parameter.name, parameter.describes);
    format!("| {name} | {kind} | {default} | {describes} |\n")
}

/// The examples beside the check, one level deeper.
fn examples(check: &Check) -> String {
    let category = check.category.to_string().to_lowercase();
    let file = format!("src/checks/{category}/{}.md", check.id.replace('-', "_"));
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let body = text.split_once('\n').unwrap().1;
    body.replace("\n## ", "\n### ")
}

#[test]
fn the_pages_are_current() {
    let directory = directory();
    let wanted = pages();
    if std::env::var_os(WRITE).is_some() {
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        for (name, text) in &wanted {
            fs::write(directory.join(name), text).unwrap();
        }
    }
    let found: BTreeMap<String, String> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    let wrong: Vec<&String> = wanted
        .iter()
        .filter(|(name, text)| found.get(*name) != Some(text))
        .map(|(name, _)| name)
        .chain(found.keys().filter(|name| !wanted.contains_key(*name)))
        .collect();
    assert!(wrong.is_empty(), "run `make docs`: {wrong:?}");
}
