//! Audit of files, against parsing them with the same parser.

use std::{
    hint::black_box,
    io,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use prodready::{
    audit::{Judges, audit},
    input::{Limits, Loaded, Subject, gather, load, map_sources},
};
use prodready_engine::{
    api::vocabulary::Profile, judge::judge, policy::Policy, score::score,
    surroundings::Completeness,
};
use rayon::prelude::*;

use crate::{
    SEED, corpus,
    measure::{Figures, median, memory, millis},
};

const RUNS: usize = 7;

pub(crate) fn measure(figures: &mut Figures) {
    for workloads in [1_000, 10_000] {
        of_size(workloads, figures);
    }
    figures.add(
        "files: greatest resident memory of it all",
        memory(std::process::id(), "VmHWM"),
        "MiB",
        "",
    );
}

fn of_size(workloads: usize, figures: &mut Figures) {
    let directory = tempfile::tempdir().unwrap();
    let written = corpus::write(directory.path(), workloads, 20, SEED).unwrap();
    let paths = [directory.path().to_owned()];
    let policy = Policy::of_profile(Profile::Production);
    let judges = Judges::One(Box::new(policy.clone()));
    let (mut parsing, mut reading) = (Vec::new(), Vec::new());
    let (mut judging, mut auditing) = (Vec::new(), Vec::new());
    // In turn, so that both meet the same state of the machine.
    for _ in 0..RUNS {
        parsing.push(timed(|| {
            let gathered = gather(&paths, &Limits::default(), &mut io::empty());
            let counts = map_sources(&gathered.sources, &Limits::default(), |documents| {
                documents.documents.len()
            });
            black_box(counts.into_iter().sum::<usize>());
        }));
        reading.push(timed(|| {
            let gathered = gather(&paths, &Limits::default(), &mut io::empty());
            black_box(load(&gathered.sources, "default", Completeness::of_files()));
        }));
        judging.push(timed(|| {
            let gathered = gather(&paths, &Limits::default(), &mut io::empty());
            let loaded = load(&gathered.sources, "default", Completeness::of_files());
            let findings: usize = loaded
                .subjects
                .par_iter()
                .map(|subject| findings(&loaded, subject, &policy))
                .sum();
            black_box(findings);
        }));
        // Until the list is there, for then the program prints it and ends.
        let begun = Instant::now();
        let gathered = gather(&paths, &Limits::default(), &mut io::empty());
        let loaded = load(&gathered.sources, "default", Completeness::of_files());
        let listed = audit(&loaded, &judges, Timestamp::now());
        auditing.push(begun.elapsed());
        // Namespaces with something amiss have a report of their own.
        let count = usize::try_from(listed.list.summary.workloads);
        assert_eq!(count, Ok(workloads));
    }
    let parsed = millis(median(parsing));
    figures.compare(
        format!("files: of that, reading {workloads} workloads as objects"),
        millis(median(reading)),
        parsed,
        "ms",
        "",
    );
    figures.compare(
        format!("files: with that, judging {workloads} workloads"),
        millis(median(judging)),
        parsed,
        "ms",
        "",
    );
    let name = format!(
        "files: audit of {workloads} workloads ({} documents, {:.0} MB)",
        written.documents,
        megabytes(written.bytes)
    );
    figures.compare(
        name,
        millis(median(auditing)),
        parsed,
        "ms",
        "<= 1.5 x parsing",
    );
}

/// How many findings there are, without a word of them made.
fn findings(loaded: &Loaded<'_>, subject: &Subject<'_>, policy: &Policy) -> usize {
    let around = loaded.cluster.around(&subject.workload.metadata.namespace);
    let judgement = judge(&subject.workload, around, policy);
    score(&judgement, policy.thresholds).costs.len()
}

#[expect(clippy::cast_precision_loss, reason = "shown in whole megabytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}
