//! Audit of files, against parsing them with the same parser.

use std::{
    hint::black_box,
    io,
    time::{Duration, Instant},
};

use prodready::{
    audit::{Judges, audit},
    input::{Limits, gather, load, map_sources},
};
use prodready_engine::{api::vocabulary::Profile, policy::Policy, surroundings::Completeness};

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
    let judges = Judges::One(Box::new(Policy::of_profile(Profile::Production)));
    let (mut parsing, mut reading, mut auditing) = (Vec::new(), Vec::new(), Vec::new());
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
        auditing.push(timed(|| {
            let gathered = gather(&paths, &Limits::default(), &mut io::empty());
            let loaded = load(&gathered.sources, "default", Completeness::of_files());
            let listed = audit(&loaded, &judges);
            assert_eq!(listed.list.items.len(), workloads);
            black_box(listed);
        }));
    }
    let parsed = millis(median(parsing));
    figures.compare(
        format!("files: of that, reading {workloads} workloads as objects"),
        millis(median(reading)),
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

#[expect(clippy::cast_precision_loss, reason = "shown in whole megabytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}
