//! Every example of every check says what happens, on the line where it happens.
//!
//! `EXAMPLES=check-id cargo test -p prodready-engine --test examples` narrows to one check.

mod support;

use prodready_engine::{
    checks, fix,
    object::{Resource, Workload},
};
use support::{Example, Outcome, all, of_check, status, wrong_after_fix};

#[expect(
    clippy::disallowed_methods,
    reason = "a convenience for who writes examples"
)]
fn wanted() -> Vec<Example> {
    match std::env::var("EXAMPLES") {
        Ok(id) => checks::find(&id).map(of_check).unwrap_or_default(),
        Err(_) => all(),
    }
}

/// Runs a test on every example and lists all that is wrong.
fn each(test: impl Fn(&Example) -> Vec<String>) {
    let examples = wanted();
    assert!(!examples.is_empty(), "there are no examples");
    let wrong: Vec<String> = examples
        .iter()
        .filter_map(|example| {
            let wrong = test(example);
            (!wrong.is_empty()).then(|| format!("{}\n  {}", example.place, wrong.join("\n  ")))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} examples are wrong:\n{}",
        wrong.len(),
        examples.len(),
        wrong.join("\n")
    );
}

/// What is expected and not told, and what is told and not expected.
fn differences(example: &Example, outcome: Outcome) -> Vec<String> {
    let mut told = outcome.told;
    let mut wrong = Vec::new();
    for mark in &example.block.fails {
        let found = told
            .iter()
            .position(|told| told.line == mark.line && told.message.contains(&mark.text));
        match found {
            Some(index) => drop(told.remove(index)),
            None => wrong.push(format!("missing in line {}: {}", mark.line, mark.text)),
        }
    }
    wrong.extend(
        told.iter()
            .map(|told| format!("not expected in line {}: {}", told.line, told.message)),
    );
    let mut unknown = outcome.unknown;
    for text in &example.block.unknown {
        match unknown.iter().position(|reason| reason.contains(text)) {
            Some(index) => drop(unknown.remove(index)),
            None => wrong.push(format!("not unknown: {text}")),
        }
    }
    wrong.extend(
        unknown
            .iter()
            .map(|reason| format!("not expected to be unknown: {reason}")),
    );
    wrong
}

#[test]
fn examples_say_what_happens() {
    each(|example| differences(example, example.outcome(false)));
}

#[test]
fn the_order_of_objects_does_not_matter() {
    each(|example| differences(example, example.outcome(true)));
}

/// Applies each fix alone, by the policy with all checks. The cluster's tests do it on the API server.
#[test]
fn a_fix_mends_its_finding_and_nothing_else_breaks() {
    each(|example| {
        let policy = example.whole_policy();
        let (mut cluster, subjects) = example.load(false);
        let mut wrong = Vec::new();
        for subject in &subjects {
            let before = status(&cluster, &subject.workload, &policy);
            for finding in &before.findings {
                if finding.check != example.check.id || finding.patch.is_empty() {
                    continue;
                }
                let mut document = serde_json::to_value(&subject.node).unwrap_or_default();
                if fix::apply_patch(&mut document, &finding.patch).is_none() {
                    wrong.push(format!("the patch does not apply: {:?}", finding.patch));
                    continue;
                }
                let mended = match Workload::read(subject.workload.kind, document) {
                    Ok(mut mended) => {
                        mended
                            .metadata
                            .namespace
                            .clone_from(&subject.workload.metadata.namespace);
                        mended
                            .metadata
                            .written_version
                            .clone_from(&subject.workload.metadata.written_version);
                        mended
                    }
                    Err(err) => {
                        wrong.push(format!("the mended object cannot be read: {err}"));
                        continue;
                    }
                };
                cluster.insert(Resource::Workload(Box::new(mended.clone())));
                let after = status(&cluster, &mended, &policy);
                cluster.insert(Resource::Workload(Box::new(subject.workload.clone())));
                wrong.extend(wrong_after_fix(finding, &before, &after));
            }
        }
        wrong
    });
}

#[test]
fn every_check_has_examples_that_fail_and_that_do_not() {
    let poor: Vec<String> = checks::all()
        .filter_map(|check| {
            let examples = of_check(check);
            let failing = examples
                .iter()
                .filter(|example| example.block.fails())
                .count();
            let others = examples.len() - failing;
            (failing < 3 || others < 3)
                .then(|| format!("{}: {failing} fail, {others} do not", check.id))
        })
        .collect();
    assert!(
        poor.is_empty(),
        "at least three of each:\n{}",
        poor.join("\n")
    );
}

/// An example with a misspelt field would show nothing, or not what it says.
#[test]
fn examples_are_written_in_the_fields_of_kubernetes() {
    each(|example| {
        let is_about_fields = example.block.heading.contains("no such field")
            || example.check.covers.peers == ["kube-linter:schema-validation"];
        if is_about_fields {
            return Vec::new();
        }
        let (_, subjects) = example.load(false);
        let faults = subjects
            .iter()
            .flat_map(|subject| &subject.workload.metadata.schema_faults);
        faults
            .map(|fault| format!("{}: {}", fault.pointer, fault.message))
            .collect()
    });
}
