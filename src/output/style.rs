//! Which colour means what on a terminal.

use anstyle::{AnsiColor, Style};
use prodready_engine::api::vocabulary::{Severity, Verdict};

/// What a reader looks for first.
pub(super) const BOLD: Style = Style::new().bold();

/// What a reader may skip.
pub(super) const DIM: Style = Style::new().dimmed();

/// The colour of a severity.
pub(super) fn severity(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
    }
}

/// The colour of a verdict.
pub(super) fn verdict(verdict: Verdict) -> Style {
    match verdict {
        Verdict::DoNotLaunch => AnsiColor::Red.on_default().bold(),
        Verdict::NotReady => AnsiColor::Yellow.on_default(),
        Verdict::Ready | Verdict::ReadyForScale => AnsiColor::Green.on_default(),
    }
}
