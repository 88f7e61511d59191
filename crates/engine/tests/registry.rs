//! What every declaration of a check keeps to, so that reports, schema and documents can rely on it.
#![expect(clippy::unwrap_used, reason = "a failing helper must end its test")]
#![expect(
    clippy::disallowed_methods,
    reason = "the sources of the engine are read here, by its tests alone"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use prodready_engine::{
    api::vocabulary::Category,
    check::{Check, ParameterKind, ParameterValue},
    checks, peers,
};

/// Collects what is wrong with each check.
fn each(test: impl Fn(&'static Check) -> Vec<String>) {
    let wrong: Vec<String> = checks::all()
        .flat_map(|check| {
            let id = check.id;
            let found = test(check).into_iter();
            found.map(move |wrong| format!("{id}: {wrong}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn wrong(holds: bool, told: &str) -> Vec<String> {
    if holds {
        Vec::new()
    } else {
        vec![told.to_owned()]
    }
}

#[test]
fn ids_are_kebab_case_unique_and_in_order() {
    each(|check| {
        let letters = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        wrong(check.id.split('-').all(letters), "is no kebab case")
    });
    let ids: Vec<&str> = checks::all().map(|check| check.id).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id is given twice");
    for category in Category::ALL {
        let ids: Vec<&str> = checks::all()
            .filter(|check| check.category == category)
            .map(|check| check.id)
            .collect();
        assert!(ids.is_sorted(), "{category}: {ids:?}");
    }
}

#[test]
fn titles_are_short_and_prose_is_whole_sentences() {
    each(|check| {
        let text = check.text;
        let parts = [
            text.sees,
            text.root_cause,
            text.scenario,
            text.impact,
            text.fix,
        ];
        let title = check.title;
        let mut found = wrong(
            !title.ends_with('.') && title.len() <= 60 && !title.is_empty(),
            "the title is long or ends with a full stop",
        );
        for part in parts {
            let whole = part.len() >= 30 && part.ends_with('.') && !part.contains("  ");
            found.extend(wrong(whole, &format!("is no whole sentence: {part:?}")));
        }
        let unique: BTreeSet<&str> = parts.into_iter().collect();
        found.extend(wrong(unique.len() == parts.len(), "repeats its prose"));
        found
    });
}

#[test]
fn sources_are_named() {
    each(|check| {
        let good = check.links.iter().all(|link| link.starts_with("https://"));
        let mut found = wrong(good && !check.links.is_empty(), "has no https link");
        for peer in check.covers.peers {
            let parts = peer.split_once(':');
            let named = parts.is_some_and(|(tool, id)| !tool.is_empty() && !id.is_empty());
            found.extend(wrong(named, &format!("{peer} is no tool:id")));
        }
        found
    });
}

#[test]
fn parameters_have_defaults_within_their_bounds() {
    each(|check| {
        let mut found = Vec::new();
        for parameter in check.parameters {
            let within = match (parameter.kind, parameter.default_value()) {
                (ParameterKind::Integer { min, max, .. }, ParameterValue::Integer(value)) => {
                    (min..=max).contains(&value)
                }
                (ParameterKind::Quantity { .. }, ParameterValue::Quantity(_))
                | (ParameterKind::Texts { .. }, ParameterValue::Texts(_)) => true,
                _ => false,
            };
            found.extend(wrong(within, &format!("{}: default", parameter.name)));
            let camel = parameter
                .name
                .starts_with(|first: char| first.is_ascii_lowercase())
                && parameter
                    .name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric());
            found.extend(wrong(
                camel,
                &format!("{} is no camel case", parameter.name),
            ));
            let told = parameter.describes.ends_with('.');
            found.extend(wrong(told, &format!("{}: no full stop", parameter.name)));
        }
        found
    });
}

#[test]
fn what_lies_in_surroundings_says_what_it_reads() {
    each(|check| {
        let said = !check.needs_surroundings() || !check.reads.is_empty();
        wrong(said, "asks the surroundings and reads nothing")
    });
}

#[test]
fn every_check_of_other_tools_is_covered_or_left_out_with_a_reason() {
    let covered: BTreeSet<&str> = checks::all()
        .flat_map(|check| check.covers.peers)
        .copied()
        .collect();
    let listed: BTreeSet<&str> = peers::all().map(|peer| peer.id).collect();
    let mut wrong: Vec<String> = peers::all()
        .filter_map(|peer| match (covered.contains(peer.id), peer.left_out) {
            (true, None) => None,
            (false, Some(why)) if why.len() > 10 => None,
            (false, _) => Some(format!("{} is covered by nothing", peer.id)),
            (true, Some(_)) => Some(format!("{} is covered and left out", peer.id)),
        })
        .collect();
    let unknown = covered.difference(&listed);
    wrong.extend(unknown.map(|id| format!("{id} is not in peers.tsv")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The audits behind the product found 57 things. Those that objects and configuration can show have a check each,
/// and so examples that have the problem and that have not.
#[test]
fn every_row_of_the_audits_that_a_cluster_can_show_has_a_check() {
    /// Shown by evidence, by the repository or by simulation alone, which are no checks of this catalogue yet.
    const ELSEWHERE: [u16; 14] = [17, 19, 25, 26, 27, 28, 30, 34, 35, 36, 48, 49, 50, 57];
    let found: BTreeSet<u16> = checks::all()
        .flat_map(|check| check.covers.audit_rows)
        .copied()
        .collect();
    let missing: Vec<u16> = (1..=57)
        .filter(|row| !found.contains(row) && !ELSEWHERE.contains(row))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(found.iter().all(|row| !ELSEWHERE.contains(row)));
}

#[test]
fn every_file_of_a_check_is_in_the_catalogue() {
    let ids: BTreeSet<String> = checks::all()
        .map(|check| check.id.replace('-', "_"))
        .collect();
    let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks");
    let files: BTreeSet<String> = sources(&checks)
        .iter()
        .filter_map(|path| path.file_stem()?.to_str().map(str::to_owned))
        .filter(|stem| stem != "mod")
        .collect();
    assert_eq!(files, ids);
}

#[test]
fn nothing_but_its_own_file_knows_a_checks_id() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let elsewhere = [root.join("src"), root.join("../../src")];
    let mut found = Vec::new();
    for path in elsewhere.iter().flat_map(|folder| sources(folder)) {
        let is_test = path.file_name().is_some_and(|name| name == "tests.rs");
        if is_test || path.components().any(|part| part.as_os_str() == "checks") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code: String = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        for check in checks::all() {
            if code.contains(&format!("\"{}\"", check.id)) {
                found.push(format!("{}: {}", path.display(), check.id));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The Rust files and examples in and below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path
            .extension()
            .is_some_and(|ending| ending == "rs" || ending == "md")
        {
            found.push(path);
        }
    }
    found
}
