//! A made-up cluster for benchmarks and tests: any number of workloads with what surrounds them.
//!
//! A third of the workloads is well built, a third is mixed, a third is poor. The same seed gives the
//! same bytes on every machine, and a smaller corpus is the beginning of a larger one of the same seed.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each program that includes this module uses a part of it"
)]

mod text;

use std::{fs, io, path::Path};

use text::Wanted;

/// How many workloads share a namespace.
pub const NAMESPACE_SIZE: usize = 50;

/// How well a workload is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Nothing that a workload should have.
    Poor,
    /// Some of it.
    Mixed,
    /// Nearly all of it.
    Good,
}

/// A workload and what surrounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The name of the workload and of everything around it.
    pub name: String,
    /// Where it lives.
    pub namespace: String,
    /// The kind of the workload.
    pub kind: &'static str,
    /// How well it is built.
    pub quality: Quality,
    /// The Namespace's own document, with the first application in it.
    pub opening: Option<String>,
    /// The workload's document.
    pub workload: String,
    /// Its ConfigMap, Service, Ingress and so on, a document each.
    pub surroundings: Vec<String>,
}

impl Application {
    /// All its documents, each ending with a line break, in an order in which they can be applied.
    pub fn documents(self) -> impl Iterator<Item = String> {
        self.opening
            .into_iter()
            .chain([self.workload])
            .chain(self.surroundings)
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Workloads of any kind and quality.
    pub workloads: usize,
    /// Workloads that are well built.
    pub good: usize,
    /// Workloads that are neither well nor poorly built.
    pub mixed: usize,
    /// Workloads that are poorly built.
    pub poor: usize,
    /// YAML documents, the workloads among them.
    pub documents: usize,
    /// Files.
    pub files: usize,
    /// Bytes in all files together.
    pub bytes: usize,
}

/// Writes a corpus into `00000.yaml`, `00001.yaml` and so on, with so many workloads in each file. What
/// else is in the directory stays there.
pub fn write(dir: &Path, workloads: usize, per_file: usize, seed: u64) -> io::Result<Summary> {
    fs::create_dir_all(dir)?;
    let mut summary = Summary::default();
    let mut applications = applications(workloads, seed).peekable();
    while applications.peek().is_some() {
        let text = summary.file(applications.by_ref().take(per_file.max(1)));
        fs::write(dir.join(format!("{:05}.yaml", summary.files)), &text)?;
        summary.files += 1;
        summary.bytes += text.len();
    }
    Ok(summary)
}

/// The same corpus in memory, one YAML document after the other.
pub fn documents(workloads: usize, seed: u64) -> impl Iterator<Item = String> {
    applications(workloads, seed).flat_map(Application::documents)
}

/// The same corpus in memory, one workload with its surroundings after the other.
pub fn applications(workloads: usize, seed: u64) -> impl Iterator<Item = Application> {
    (0..workloads).map(move |index| application(index, seed))
}

impl Summary {
    fn file(&mut self, applications: impl Iterator<Item = Application>) -> String {
        let mut documents = Vec::new();
        for application in applications {
            self.count(application.quality);
            documents.extend(application.documents());
        }
        self.documents += documents.len();
        documents.join("---\n")
    }

    fn count(&mut self, quality: Quality) {
        self.workloads += 1;
        match quality {
            Quality::Poor => self.poor += 1,
            Quality::Mixed => self.mixed += 1,
            Quality::Good => self.good += 1,
        }
    }
}

fn application(index: usize, seed: u64) -> Application {
    let mut random = Random::new(seed, index);
    let quality = quality(&mut random);
    let kind = kind(&mut random);
    let name = format!("app-{index}");
    let namespace = format!("ns-{}", index / NAMESPACE_SIZE);
    let wanted = Wanted {
        name: &name,
        namespace: &namespace,
        kind,
        quality,
    };
    Application {
        opening: index
            .is_multiple_of(NAMESPACE_SIZE)
            .then(|| text::namespace(&namespace)),
        workload: text::workload(wanted, &mut random),
        surroundings: text::surroundings(wanted, &mut random),
        name,
        namespace,
        kind,
        quality,
    }
}

fn quality(random: &mut Random) -> Quality {
    match random.below(3) {
        0 => Quality::Poor,
        1 => Quality::Mixed,
        _ => Quality::Good,
    }
}

/// The kinds, each as often in a hundred as clusters have it.
fn kind(random: &mut Random) -> &'static str {
    match random.below(100) {
        0..70 => "Deployment",
        70..80 => "StatefulSet",
        80..86 => "DaemonSet",
        86..95 => "CronJob",
        _ => "Job",
    }
}

/// SplitMix64: small, fast, and the same everywhere.
struct Random(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// A stream of its own for each workload, so that none depends on how many come before it.
    fn new(seed: u64, index: usize) -> Self {
        Self(mix(seed.wrapping_add(mix(index as u64))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

fn mix(state: u64) -> u64 {
    let once = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let twice = (once ^ (once >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    twice ^ (twice >> 31)
}

#[cfg(test)]
mod tests;
