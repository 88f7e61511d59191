//! What is fuzzed: each function takes any bytes, and panics where something that must hold does not.
//!
//! `tests/fuzz.rs` calls the same functions with the corpus that is checked in.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use prodready::{
    audit::{Judges, audit},
    input::{self, Loaded, Source},
    output::{self, Detail},
    snapshot::Snapshot,
    webhook::{defaults, entry::Entry, review::answer},
};
use prodready_engine::{
    api::{
        policy::ProductionReadinessPolicy,
        report::ReadinessReport,
        vocabulary::{Mode, Profile, Severity},
    },
    checks, credential, fix,
    object::{Pointer, Quantity, image::ImageReference},
    policy::{Policy, Ratchet},
    schedule::Schedule,
    surroundings::Completeness,
};
use serde_json::{Value, json};

/// The API server cuts longer warnings short.
const LONGEST_WARNING: usize = 120;

/// What warnings there are beside the ten findings.
const MOST_WARNINGS: usize = 12;

/// A namespace with workloads in it, to which requests are added.
const SHOP: &str = concat!(
    include_str!("../../manifests/demo/shop-bad/00-namespace.yaml"),
    "\n---\n",
    include_str!("../../manifests/demo/shop-bad/cart.yaml"),
    "\n---\n",
    include_str!("../../manifests/demo/shop-bad/postgres.yaml"),
);

/// Everything that can deny denies.
static STRICT: LazyLock<Snapshot> = LazyLock::new(|| snapshot(Mode::Enforce));

/// Everything that can warn warns.
static WARNING: LazyLock<Snapshot> = LazyLock::new(|| snapshot(Mode::Warn));

fn every_check() -> Policy {
    let all: Vec<_> = checks::all().collect();
    Policy::of_profile(Profile::Scale).narrowed_to(&all)
}

fn snapshot(mode: Mode) -> Snapshot {
    let mut policy = every_check();
    policy.enforcement.mode = mode;
    policy.enforcement.ratchet = Ratchet::On;
    policy.enforcement.deny_severities = Severity::ALL.to_vec();
    policy.enforcement.minimum_score = Some(100);
    policy.enforcement.deny_checks = checks::all().map(|check| check.id).collect();
    policy.defaults = checks::fillable().collect();
    let sources = [source(SHOP)];
    Snapshot {
        cluster: loaded(&sources).cluster,
        policies: Arc::new([policy].into_iter().collect()),
        synced: true,
    }
}

fn source(text: &str) -> Source {
    Source {
        name: "fuzzed.yaml".into(),
        text: text.to_owned(),
    }
}

fn loaded(sources: &[Source]) -> Loaded<'_> {
    input::load(sources, "shop", Completeness::of_files())
}

/// Where the checks are explained.
const DOCS: Option<&str> = Some("https://wiki.example.com/checks");

/// An AdmissionReview: from the bytes of the request to those of the answer, by every entry.
pub fn review(bytes: &[u8]) {
    for entry in Entry::ALL {
        let answered = match entry {
            Entry::Defaults => defaults::answer(bytes, &STRICT),
            Entry::Warn => answer(bytes, entry, &WARNING, DOCS),
            Entry::Enforce | Entry::Breakglass | Entry::Probe => {
                answer(bytes, entry, &STRICT, DOCS)
            }
        };
        let Ok(answered) = answered else {
            continue;
        };
        let told: Value = serde_json::from_slice(&answered.body).expect("an answer is JSON");
        let response = &told["response"];
        // What no answer depends on is passed over without a look at its bytes, so it may be no text.
        if let Ok(asked) = serde_json::from_slice::<Value>(bytes) {
            assert_eq!(response["uid"], asked["request"]["uid"]);
        }
        let denied = answered.record.decision == "denied";
        assert_eq!(response["allowed"], Value::Bool(!denied));
        assert!(!denied || entry == Entry::Enforce, "only Enforce denies");
        assert_eq!(denied, response["status"]["code"] == 403);
        let message = response["status"]["message"].as_str().unwrap_or_default();
        assert_eq!(denied, !message.is_empty());
        let is_patched = response["patch"].is_string();
        assert_eq!(is_patched, answered.record.decision == "filled");
        assert_eq!(is_patched, response["patchType"] == "JSONPatch");
        assert_warnings(response["warnings"].as_array().map_or(&[], Vec::as_slice));
    }
}

fn assert_warnings(warnings: &[Value]) {
    assert!(warnings.len() <= MOST_WARNINGS, "{warnings:#?}");
    for warning in warnings {
        let warning = warning.as_str().expect("a warning is a text");
        assert!(warning.chars().count() <= LONGEST_WARNING, "{warning}");
        assert!(!warning.contains(char::is_control), "{warning:?}");
    }
}

/// A policy: from what the API server stores to one to judge by, and from a file with its places.
pub fn policy(bytes: &[u8]) {
    let stored = serde_json::from_slice::<ProductionReadinessPolicy>(bytes);
    let as_stored = stored.as_ref().ok().map(Policy::compile_stored);
    let compiled = stored.map(|written| Policy::compile(&written));
    match &compiled {
        Ok(Ok(policy)) => judge_with(policy),
        Ok(Err(mistakes)) => {
            assert!(!mistakes.is_empty());
            // What is kept of a stored policy lacks no more than what is told.
            if let Some(Ok(kept)) = &as_stored {
                assert_eq!(&kept.unknown_fields, mistakes);
                judge_with(kept);
            }
            for mistake in mistakes {
                assert!(mistake.field.starts_with("spec."), "{mistake}");
            }
        }
        Err(_) => {}
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let from_file = input::policies_of(&source(text));
    match &from_file {
        Ok(policies) => policies.iter().for_each(judge_with),
        Err(errors) => assert!(!errors.is_empty()),
    }
    // A file is read more strictly than the API server's own answers, never less.
    if let (Ok(Err(_)), Ok(policies)) = (&compiled, &from_file) {
        assert!(
            policies.is_empty(),
            "a file may not say what the API server refuses"
        );
    }
}

fn judge_with(policy: &Policy) {
    let sources = [source(SHOP)];
    let judges = Judges::One(Box::new(policy.clone()));
    let audited = audit(&loaded(&sources), &judges, Timestamp::UNIX_EPOCH);
    for report in &audited.list.items {
        let score = report.status.as_ref().and_then(|status| status.score);
        assert!(score.is_none_or(|score| (0..=100).contains(&score)));
    }
}

/// A file of any number of documents: read, audited with every check, and printed in every form.
pub fn manifests(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let sources = [source(text)];
    // A carriage return alone ends a line of YAML too.
    let breaks = text.bytes().filter(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = i32::try_from(breaks.count()).unwrap_or(i32::MAX) + 1;
    let loaded = loaded(&sources);
    for error in &loaded.errors {
        assert!(!error.message().is_empty());
        let line = error.line().and_then(|line| i32::try_from(line).ok());
        assert!(
            line.is_none_or(|line| (1..=lines).contains(&line)),
            "{error}"
        );
    }
    let audited = audit(
        &loaded,
        &Judges::One(Box::new(every_check())),
        Timestamp::UNIX_EPOCH,
    );
    let statuses = audited
        .list
        .items
        .iter()
        .filter_map(|report| report.status.as_ref());
    for status in statuses {
        assert!(status.score.is_none_or(|score| (0..=100).contains(&score)));
        for finding in &status.findings {
            assert!(!finding.message.is_empty());
            let line = finding.location.as_ref().map(|location| location.line);
            assert!(
                line.is_none_or(|line| (1..=lines).contains(&line)),
                "{finding:?}"
            );
        }
    }
    assert_patches_fit(&loaded, &audited.list.items);
    let mut printed = Vec::new();
    output::text(&audited.list, Detail::Wide, &mut printed).expect("a Vec takes everything");
    output::json(&audited.list, &mut printed).expect("a report is JSON");
    output::yaml(&audited.list, &mut printed).expect("a report is YAML");
}

/// A patch that is offered can be applied to what stands in the file.
fn assert_patches_fit(loaded: &Loaded<'_>, reports: &[ReadinessReport]) {
    for (subject, report) in loaded.subjects.iter().zip(reports) {
        let input::Place::File(document) = &subject.place else {
            continue;
        };
        let Ok(written) = serde_json::to_value(&document.node) else {
            continue;
        };
        let findings = report.status.iter().flat_map(|status| &status.findings);
        for finding in findings.filter(|finding| !tests_a_whole(&json!(finding.patch))) {
            let mut mended = written.clone();
            let fits = fix::apply_patch(&mut mended, &finding.patch).is_some();
            assert!(fits, "{} does not fit: {:?}", finding.check, finding.patch);
        }
    }
}

/// Whether a patch first tests a whole part of the object. Where that holds a field that nobody knows, the patch
/// is meant not to fit: what it replaces is not what was judged.
fn tests_a_whole(patch: &Value) -> bool {
    let of_whole = |operation: &Value| {
        let value = &operation["value"];
        operation["op"] == "test" && (value.is_object() || value.is_array())
    };
    patch
        .as_array()
        .is_some_and(|steps| steps.iter().any(of_whole))
}

/// One line: everything that reads a short text by itself.
pub fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(quantity) = Quantity::parse(text) {
        assert_eq!(Quantity::parse(quantity.as_str()).as_ref(), Ok(&quantity));
        assert!(quantity.units() <= quantity.millis().max(0) || quantity.millis() < 0);
    }
    let _ = ImageReference::parse(text).base_name();
    if let Ok(schedule) = Schedule::parse(text) {
        let _ = schedule.shortest_period();
    }
    let _ = input::parse_selector(text);
    let keyed = Pointer::root().key(text);
    assert_eq!(keyed.parts().collect::<Vec<_>>(), [text]);
    let (name, value) = text.split_once('=').unwrap_or(("", text));
    let _ = credential::is_secret_name(name);
    let _ = credential::in_variable(name, value);
    let _ = credential::in_text(name, value);
    let _ = credential::in_command(text.split_whitespace());
}
