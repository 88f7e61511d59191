//! What processes cost, as Linux tells it in /proc; nothing elsewhere.

use std::{fs, time::Duration};

/// The kernel counts processor time for user programs in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// The processor time of all these processes.
pub(crate) fn cpu(processes: &[u32]) -> Duration {
    processes
        .iter()
        .map(|id| ticks(*id).unwrap_or(0))
        .map(|ticks| TICK * ticks)
        .sum()
}

/// `utime` and `stime`: fields 14 and 15, counted behind the name, which may hold spaces.
fn ticks(id: u32) -> Option<u32> {
    let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, fields) = line.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(2);
    Some(times.filter_map(|ticks| ticks.parse::<u32>().ok()).sum())
}

/// Resident memory in MiB.
pub(crate) fn resident(id: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kibibytes.unwrap_or(0.0) / 1024.0
}
