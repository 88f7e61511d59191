//! Every finding as compilers write theirs, `file:line:column: severity: message`, so that editors and CI
//! systems lead to the place.

use std::io;

use prodready_engine::api::{
    report::{Finding, ForgivenFinding, ReadinessReport},
    report_list::ReadinessReportList,
};

use super::{
    Detail,
    style::{BOLD, DIM, severity},
};

pub(super) fn write(
    list: &ReadinessReportList,
    detail: Detail,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for report in &list.items {
        of_report(report, detail, out)?;
    }
    Ok(())
}

fn of_report(report: &ReadinessReport, detail: Detail, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(status) = &report.status else {
        return Ok(());
    };
    let namespace = report.metadata.namespace.as_deref().unwrap_or_default();
    let subject = format!("{namespace} {}", status.workload);
    for finding in &status.findings {
        of_finding(&subject, finding, detail, out)?;
    }
    for forgiven in &status.exceptions {
        of_forgiven(&subject, forgiven, out)?;
    }
    if detail == Detail::Wide {
        for unknown in &status.unknown {
            let (check, reason) = (&unknown.check, &unknown.reason);
            writeln!(
                out,
                "{subject}: {DIM}unknown{DIM:#}: {reason} {DIM}[{check}]{DIM:#}"
            )?;
        }
    }
    let listed = !status.findings.is_empty()
        || !status.exceptions.is_empty()
        || detail == Detail::Wide && !status.unknown.is_empty();
    if listed { writeln!(out) } else { Ok(()) }
}

fn of_forgiven(
    subject: &str,
    forgiven: &ForgivenFinding,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let container = forgiven.container.as_ref();
    let container = container.map_or_else(String::new, |name| format!(" of container {name}"));
    let ForgivenFinding {
        name,
        check,
        severity,
        expiration_time,
        points,
        ..
    } = forgiven;
    writeln!(
        out,
        "{subject}: {DIM}forgiven{DIM:#}: {severity} finding{container} worth {points} points, until {} by exception {name} {DIM}[{check}]{DIM:#}",
        expiration_time.0
    )
}

fn of_finding(
    subject: &str,
    finding: &Finding,
    detail: Detail,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let place = match &finding.location {
        Some(at) => format!("{}:{}:{}", at.file, at.line, at.column),
        None => subject.to_owned(),
    };
    let style = severity(finding.severity);
    write!(
        out,
        "{BOLD}{place}{BOLD:#}: {style}{}{style:#}: ",
        finding.severity
    )?;
    writeln!(out, "{} {DIM}[{}]{DIM:#}", finding.message, finding.check)?;
    if detail == Detail::Wide {
        writeln!(out, "  why: {}", finding.why)?;
    }
    writeln!(out, "  fix: {}", finding.fix)
}
