use std::{collections::BTreeMap, env, path::PathBuf, process};

use super::*;

/// A directory that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(env::temp_dir().join(format!("corpus-{}-{name}", process::id())))
    }

    fn files(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .map(|path| {
                (
                    path.file_name().unwrap().to_str().unwrap().to_owned(),
                    fs::read_to_string(path).unwrap(),
                )
            })
            .collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// FNV-1a, to hold a text still in one number.
fn fingerprint(documents: impl Iterator<Item = String>) -> u64 {
    let bytes = documents.flat_map(String::into_bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    let (one, other) = (Scratch::new("one"), Scratch::new("other"));
    assert_eq!(
        write(&one.0, 120, 50, 7).unwrap(),
        write(&other.0, 120, 50, 7).unwrap()
    );
    assert_eq!(one.files(), other.files());
}

#[test]
fn the_bytes_are_those_that_earlier_measurements_were_made_with() {
    assert_eq!(
        fingerprint(documents(200, 1)),
        0x2c16_687e_dc91_266b,
        "the corpus has changed: say so beside the figures in bench/, for older ones no longer compare"
    );
}

#[test]
fn another_seed_gives_another_corpus() {
    assert_ne!(fingerprint(documents(20, 1)), fingerprint(documents(20, 2)));
}

#[test]
fn a_smaller_corpus_is_the_beginning_of_a_larger_one() {
    assert!(applications(30, 3).eq(applications(300, 3).take(30)));
}

#[test]
fn the_summary_counts_what_is_in_the_files() {
    let scratch = Scratch::new("summary");
    let summary = write(&scratch.0, 120, 50, 1).unwrap();
    let files = scratch.files();
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["00000.yaml", "00001.yaml", "00002.yaml"]
    );
    assert_eq!((summary.workloads, summary.files), (120, 3));
    assert_eq!(summary.good + summary.mixed + summary.poor, 120);
    assert_eq!(
        summary.bytes,
        files.values().map(String::len).sum::<usize>()
    );
    assert_eq!(summary.documents, documents(120, 1).count());
    assert_eq!(
        summary.documents,
        files
            .values()
            .map(|text| text.matches("apiVersion: ").count())
            .sum::<usize>()
            - scale_targets(&files)
    );
}

/// An autoscaler names an apiVersion twice.
fn scale_targets(files: &BTreeMap<String, String>) -> usize {
    files
        .values()
        .map(|text| text.matches("scaleTargetRef:").count())
        .sum()
}

#[test]
fn each_quality_is_about_a_third() {
    for quality in [Quality::Poor, Quality::Mixed, Quality::Good] {
        let share = applications(3_000, 1)
            .filter(|application| application.quality == quality)
            .count();
        assert!(
            (900..1_100).contains(&share),
            "{quality:?}: {share} of 3000"
        );
    }
}

#[test]
fn every_kind_is_there_and_most_are_deployments() {
    let mut kinds = BTreeMap::new();
    for application in applications(1_000, 1) {
        *kinds.entry(application.kind).or_insert(0) += 1;
    }
    assert_eq!(
        kinds.keys().copied().collect::<Vec<_>>(),
        ["CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"]
    );
    assert!((650..750).contains(&kinds["Deployment"]), "{kinds:?}");
}

#[test]
fn fifty_workloads_share_a_namespace_that_comes_before_them() {
    let openings: Vec<_> = applications(101, 1)
        .enumerate()
        .filter_map(|(index, application)| application.opening.map(|_| index))
        .collect();
    assert_eq!(openings, [0, 50, 100]);
    assert!(documents(1, 1).next().unwrap().contains("kind: Namespace"));
}

#[test]
fn documents_end_with_one_line_break() {
    for document in documents(100, 1) {
        assert!(
            document.ends_with('\n') && !document.ends_with("\n\n"),
            "{document}"
        );
    }
}
