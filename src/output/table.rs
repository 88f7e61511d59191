//! A line for each workload, as `kubectl get readiness` has it, and what they come to.

use std::io::{self, Write as _};

use prodready_engine::api::{
    report::{ReadinessReport, ReadinessReportStatus, SeverityCounts},
    report_list::ReadinessReportList,
    vocabulary::Severity,
};
use tabwriter::TabWriter;

use super::{
    Detail,
    style::{BOLD, severity, verdict},
};

pub(super) fn write(
    list: &ReadinessReportList,
    detail: Detail,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if list.items.is_empty() {
        return writeln!(out, "No workloads to judge.");
    }
    let mut columns = TabWriter::new(&mut *out).padding(3).ansi(true);
    header(detail, &mut columns)?;
    for report in &list.items {
        row(report, detail, &mut columns)?;
    }
    columns.flush()?;
    summary(list, out)
}

fn header(detail: Detail, out: &mut impl io::Write) -> io::Result<()> {
    write!(
        out,
        "NAMESPACE\tWORKLOAD\tSCORE\tVERDICT\tCRITICAL\tHIGH\tPOLICY"
    )?;
    if detail == Detail::Wide {
        write!(out, "\tMEDIUM\tLOW\tUNKNOWN\tWORST")?;
    }
    writeln!(out)
}

fn row(report: &ReadinessReport, detail: Detail, out: &mut impl io::Write) -> io::Result<()> {
    let Some(status) = &report.status else {
        return Ok(());
    };
    let namespace = report.metadata.namespace.as_deref().unwrap_or_default();
    let style = verdict(status.verdict);
    write!(
        out,
        "{namespace}\t{BOLD}{}{BOLD:#}\t{}\t{style}{}{style:#}\t{}\t{}\t{}",
        status.workload,
        score(status.score),
        status.verdict,
        status.summary.critical,
        status.summary.high,
        report.spec.policy
    )?;
    if detail == Detail::Wide {
        further(status, out)?;
    }
    writeln!(out)
}

fn further(status: &ReadinessReportStatus, out: &mut impl io::Write) -> io::Result<()> {
    let worst = status.worst_finding.as_deref().unwrap_or_default();
    let SeverityCounts { medium, low, .. } = status.summary;
    write!(out, "\t{medium}\t{low}\t{}\t{worst}", status.unknown.len())
}

fn score(score: Option<i32>) -> String {
    score.map_or_else(|| "n/a".to_owned(), |score| score.to_string())
}

fn summary(list: &ReadinessReportList, out: &mut dyn io::Write) -> io::Result<()> {
    let sum = &list.summary;
    write!(
        out,
        "\n{} of {} workloads ready, mean score {}; findings: ",
        sum.ready,
        sum.workloads,
        score(sum.score)
    )?;
    let counts = Severity::ALL.map(|of| (of, count(sum.findings, of)));
    for (number, (of, count)) in counts.into_iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        let style = if count > 0 {
            severity(of)
        } else {
            anstyle::Style::new()
        };
        write!(out, "{comma}{style}{count} {of}{style:#}")?;
    }
    if sum.forgiven > 0 {
        write!(out, "; {} forgiven by exceptions", sum.forgiven)?;
    }
    writeln!(out)
}

fn count(counts: SeverityCounts, of: Severity) -> i32 {
    match of {
        Severity::Critical => counts.critical,
        Severity::High => counts.high,
        Severity::Medium => counts.medium,
        Severity::Low => counts.low,
    }
}
