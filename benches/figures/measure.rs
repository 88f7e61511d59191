//! Figures, and how they are taken.

use std::{fmt, fs, path::Path, time::Duration};

use serde_json::json;

/// What was measured, against what, and what is wanted.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<Figure>);

#[derive(Debug)]
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    baseline: Option<f64>,
    target: &'static str,
}

impl Figures {
    /// A figure by itself.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        target: &'static str,
    ) {
        self.push(name, value, unit, None, target);
    }

    /// A figure beside its baseline.
    pub(crate) fn compare(
        &mut self,
        name: impl Into<String>,
        value: f64,
        baseline: f64,
        unit: &'static str,
        target: &'static str,
    ) {
        self.push(name, value, unit, Some(baseline), target);
    }

    fn push(
        &mut self,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        baseline: Option<f64>,
        target: &'static str,
    ) {
        let name = name.into();
        eprintln_progress(&name);
        self.0.push(Figure {
            name,
            value,
            unit,
            baseline,
            target,
        });
    }

    /// The same for programs, in target/bench/figures.json.
    pub(crate) fn write_json(&self) {
        let rows: Vec<_> = self
            .0
            .iter()
            .map(|figure| {
                json!({
                    "name": figure.name,
                    "value": figure.value,
                    "unit": figure.unit,
                    "baseline": figure.baseline,
                    "ratio": figure.baseline.map(|baseline| figure.value / baseline),
                    "target": figure.target,
                })
            })
            .collect();
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        fs::create_dir_all(&directory).unwrap();
        let text = serde_json::to_string_pretty(&rows).unwrap();
        fs::write(directory.join("figures.json"), text).unwrap();
    }
}

#[expect(clippy::print_stderr, reason = "progress is for people")]
fn eprintln_progress(name: &str) {
    eprintln!("measured: {name}");
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{:<62}{:>16}{:>16}{:>8}   target",
            "figure", "value", "baseline", "ratio"
        )?;
        for figure in &self.0 {
            let amount = |value: f64| format!("{value:.1} {}", figure.unit);
            let baseline = figure.baseline.map_or_else(String::new, amount);
            let ratio = figure.baseline.map_or_else(String::new, |baseline| {
                format!("{:.2}", figure.value / baseline)
            });
            writeln!(
                formatter,
                "{:<62}{:>16}{baseline:>16}{ratio:>8}   {}",
                figure.name,
                amount(figure.value),
                figure.target
            )?;
        }
        Ok(())
    }
}

/// The middle of several durations.
pub(crate) fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

/// The duration that this part of all stay below.
pub(crate) fn quantile(sorted: &[Duration], part: f64) -> Duration {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into a list of a few thousand"
    )]
    let index = ((sorted.len() as f64 * part) as usize).min(sorted.len() - 1);
    sorted[index]
}

/// Milliseconds.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Microseconds.
pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// A line such as `VmRSS` of a process' status, in MiB; 0 where the system has no such file.
pub(crate) fn memory(process: u32, line: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let found = status
        .lines()
        .find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
    let kibibytes = found.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    kibibytes.unwrap_or(0.0) / 1024.0
}
