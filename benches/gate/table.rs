//! The rows side by side.

use std::{fmt, fs, path::Path, time::Duration};

use serde_json::{Value, json};

use crate::{Between, load::Loaded};

/// What was measured with so many clients and one thing between.
pub(crate) struct Row {
    pub(crate) between: Between,
    pub(crate) clients: usize,
    pub(crate) loaded: Loaded,
    /// Processor time of whoever answers, for each request.
    pub(crate) cpu: Option<Duration>,
    /// Processor time of the API server, for each request.
    pub(crate) api_server_cpu: Duration,
    /// Resident memory of whoever answers, in MiB.
    pub(crate) memory: Option<f64>,
}

/// All rows, in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

/// Hundredths of which latencies are told.
const QUANTILES: [usize; 3] = [50, 95, 99];

impl Table {
    pub(crate) fn push(&mut self, row: Row) {
        self.0.push(row);
    }

    fn find(&self, between: Between, clients: usize) -> Option<&Row> {
        let mut rows = self.0.iter();
        rows.find(|row| row.between == between && row.clients == clients)
    }

    /// How much longer a row's requests take than without anything between, in milliseconds.
    fn added(&self, row: &Row, hundredths: usize) -> f64 {
        let nothing = self.find(Between::Nothing, row.clients);
        let least = nothing.map_or(Duration::ZERO, |row| row.loaded.quantile(hundredths));
        millis(row.loaded.quantile(hundredths)) - millis(least)
    }

    /// Processor time for each request against the bare handler's.
    fn ratio(&self, row: &Row) -> Option<f64> {
        let bare = self.find(Between::Bare, row.clients)?.cpu?;
        let gate = matches!(row.between, Between::OneReplica | Between::TwoReplicas);
        let cpu = row.cpu.filter(|_| gate)?;
        Some(cpu.as_secs_f64() / bare.as_secs_f64())
    }

    /// The same for programs, in target/bench/gate.json.
    pub(crate) fn write_json(&self) {
        let rows: Vec<Value> = self
            .0
            .iter()
            .map(|row| {
                let latency = QUANTILES.map(|part| millis(row.loaded.quantile(part)));
                json!({
                    "between": row.between.title(),
                    "clients": row.clients,
                    "requestsPerSecond": row.loaded.rate(),
                    "latencyMilliseconds": {"p50": latency[0], "p95": latency[1], "p99": latency[2]},
                    "addedMilliseconds": {
                        "p50": self.added(row, 50), "p95": self.added(row, 95), "p99": self.added(row, 99),
                    },
                    "cpuMicroseconds": row.cpu.map(|cpu| cpu.as_secs_f64() * 1e6),
                    "apiServerCpuMicroseconds": row.api_server_cpu.as_secs_f64() * 1e6,
                    "residentMebibytes": row.memory,
                    "ratio": self.ratio(row),
                })
            })
            .collect();
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        fs::create_dir_all(&directory).unwrap();
        fs::write(
            directory.join("gate.json"),
            serde_json::to_string_pretty(&rows).unwrap(),
        )
        .unwrap();
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{:<36}{:>8}{:>8}{:>22}{:>25}{:>9}{:>12}{:>9}",
            "between",
            "clients",
            "req/s",
            "p50/p95/p99 ms",
            "added p50/p95/p99 ms",
            "CPU us",
            "server us",
            "RSS MiB"
        )?;
        for row in &self.0 {
            let latency = QUANTILES.map(|part| format!("{:.1}", millis(row.loaded.quantile(part))));
            let added = QUANTILES.map(|part| format!("{:+.1}", self.added(row, part)));
            let cpu = row.cpu.map_or_else(String::new, micros);
            let memory = row
                .memory
                .map_or_else(String::new, |memory| format!("{memory:.1}"));
            writeln!(
                formatter,
                "{:<36}{:>8}{:>8.0}{:>22}{:>25}{cpu:>9}{:>12}{memory:>9}",
                row.between.title(),
                row.clients,
                row.loaded.rate(),
                latency.join("/"),
                added.join("/"),
                micros(row.api_server_cpu),
            )?;
        }
        for row in &self.0 {
            if let Some(ratio) = self.ratio(row) {
                let (title, clients) = (row.between.title(), row.clients);
                writeln!(
                    formatter,
                    "ratio {ratio:.2}  CPU per request against the bare handler: {title}, {clients} clients"
                )?;
            }
        }
        Ok(())
    }
}

fn micros(duration: Duration) -> String {
    format!("{:.0}", duration.as_secs_f64() * 1e6)
}
