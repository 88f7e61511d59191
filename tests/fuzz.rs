//! What the fuzzer found worth keeping, and what it starts from, go through the same functions on stable.
//!
//! `WRITE_SEEDS=1 cargo test --test fuzz` writes what the fuzzer starts from to target/fuzz/seeds.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing helper must end its test"
)]

#[path = "../crates/engine/tests/support/mod.rs"]
mod examples;
#[path = "fuzz/seeds.rs"]
mod seeds;
#[expect(
    unreachable_pub,
    reason = "it is a library of its own where it is fuzzed"
)]
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::{fs, panic, path::Path};

/// Calls a target with every file of its corpus and every seed, and names the input that it fails for.
fn replay(name: &str, target: fn(&[u8]), seeds: Vec<Vec<u8>>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("fuzz/corpus").join(name);
    let files = fs::read_dir(&corpus).unwrap();
    let mut inputs: Vec<(String, Vec<u8>)> = files
        .map(|file| file.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    assert!(!inputs.is_empty(), "{} is empty", corpus.display());
    let seeds = seeds.into_iter().enumerate();
    inputs.extend(seeds.map(|(number, seed)| (format!("seed {number}"), seed)));
    if std::env::var_os("WRITE_SEEDS").is_some() {
        write(&root.join("target/fuzz/seeds").join(name), &inputs);
    }
    for (place, bytes) in inputs {
        assert!(
            panic::catch_unwind(|| target(&bytes)).is_ok(),
            "{name} fails for {place}:\n{}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

fn write(directory: &Path, inputs: &[(String, Vec<u8>)]) {
    fs::create_dir_all(directory).unwrap();
    for (number, (_, bytes)) in inputs.iter().enumerate() {
        fs::write(directory.join(number.to_string()), bytes).unwrap();
    }
}

#[test]
fn every_review_of_the_corpus_is_answered() {
    replay("review", targets::review, seeds::reviews());
}

#[test]
fn every_policy_of_the_corpus_compiles_or_is_refused_with_its_field() {
    replay("policy", targets::policy, seeds::policies());
}

#[test]
fn every_manifest_of_the_corpus_is_audited_or_named_as_broken() {
    replay("manifests", targets::manifests, seeds::manifests());
}

#[test]
fn every_short_text_of_the_corpus_is_read_or_refused() {
    replay("text", targets::text, seeds::texts());
}
