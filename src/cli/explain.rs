//! `prodready explain CHECK`: the prose of a check, for the reader who was woken by the pager.

use std::io;

use clap::Args;
use prodready_engine::check::Check;

use super::{CommandError, Outcome, checks};

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The check's id; `prodready checks` lists them
    #[arg(value_parser = checks::parse)]
    check: &'static Check,
}

pub(super) fn run(
    arguments: &ExplainArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    explain(arguments.check, out)?;
    Ok(Outcome::Good)
}

fn explain(check: &Check, out: &mut dyn io::Write) -> io::Result<()> {
    let (severity, category, profile) = (check.severity, check.category, check.profile);
    writeln!(out, "{}: {}", check.id, check.title)?;
    writeln!(
        out,
        "{category}, {severity} ({:?}), from profile {profile} on\n",
        severity.priority()
    )?;
    for (heading, text) in [
        ("Fails when", check.text.sees),
        ("Why it is there", check.text.root_cause),
        ("What happens", check.text.scenario),
        ("What it costs", check.text.impact),
        ("What to do", check.text.fix),
    ] {
        writeln!(out, "{heading}\n  {text}")?;
    }
    writeln!(out, "Usual effort\n  {} minutes", check.effort.0)?;
    if !check.parameters.is_empty() {
        writeln!(out, "Parameters")?;
        for parameter in check.parameters {
            writeln!(
                out,
                "  {}: {} ({:?})",
                parameter.name,
                parameter.describes,
                parameter.default_value()
            )?;
        }
    }
    if check.needs_surroundings() {
        writeln!(
            out,
            "At the gate\n  It looks at what stands around a workload, so it denies only where a policy lists it in denyChecks."
        )?;
    }
    writeln!(out, "Sources")?;
    check
        .links
        .iter()
        .try_for_each(|link| writeln!(out, "  {link}"))?;
    if !check.covers.peers.is_empty() {
        writeln!(out, "Called elsewhere\n  {}", check.covers.peers.join(", "))?;
    }
    Ok(())
}
