//! `prodready explain CHECK`: the prose of a check or of a policy's own rule, for the reader who was woken by the pager.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use prodready_engine::{
    api::{policy::CheckParameter, rule::ForEach},
    check::Check,
};

use super::{
    CommandError, Outcome,
    checks::{self, OwnRule},
};

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The check's id, or with --policy that of one of its rules; `prodready checks` lists them
    #[arg(value_parser = named)]
    check: Named,
    /// The policy whose rule is meant
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// What is to be explained.
#[derive(Clone, Debug)]
enum Named {
    Check(&'static Check),
    Rule(String),
}

/// The id of a rule has a point in it, that of a check none.
fn named(id: &str) -> Result<Named, String> {
    if id.contains('.') {
        return Ok(Named::Rule(id.to_owned()));
    }
    checks::parse(id).map(Named::Check)
}

pub(super) fn run(
    arguments: &ExplainArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    match (&arguments.check, &arguments.policy) {
        (Named::Check(check), _) => explain(check, out)?,
        (Named::Rule(id), Some(file)) => explain_rule(&rule(id, file)?, out)?,
        (Named::Rule(id), None) => {
            let told = format!("{id} is a rule of a policy's own: name its file with --policy");
            return Err(CommandError::Usage(told));
        }
    }
    Ok(Outcome::Good)
}

fn rule(id: &str, file: &Path) -> Result<OwnRule, CommandError> {
    let rules = checks::rules_in(file)?;
    let ids: Vec<&str> = rules.iter().map(|own| own.rule.id.as_ref()).collect();
    let known = match ids.as_slice() {
        [] => "it has none".to_owned(),
        ids => format!("it has {}", ids.join(", ")),
    };
    let told = format!("{}: there is no rule {id}; {known}", file.display());
    let mut meant = rules.into_iter().filter(|own| own.rule.id.as_ref() == id);
    meant.next().ok_or(CommandError::Usage(told))
}

fn explain_rule(OwnRule { policy, rule }: &OwnRule, out: &mut dyn io::Write) -> io::Result<()> {
    let written = &rule.written;
    writeln!(out, "{}: {}", rule.id, rule.title)?;
    writeln!(
        out,
        "{}, {} ({:?}), weight {}, rule of policy {policy}\n",
        rule.category,
        rule.severity,
        rule.severity.priority(),
        rule.weight
    )?;
    let mut about = |heading: &str, text: &str| {
        writeln!(out, "{heading}\n  {}", text.trim().replace('\n', "\n  "))
    };
    if !written.kinds.is_empty() {
        let kinds: Vec<&str> = written.kinds.iter().map(|kind| kind.as_str()).collect();
        about("Asks", &kinds.join(", "))?;
    }
    if written.for_each == Some(ForEach::Containers) {
        about("For each", "container but ephemeral ones")?;
    }
    if let Some(applies) = &written.applies_to {
        about("Applies where", applies)?;
    }
    about("Fails unless", &written.expression)?;
    about("What happens", &rule.why)?;
    about("What to do", &rule.fix)?;
    if let Some(field) = &written.field_path {
        about("Field", field)?;
    }
    for param in &written.params {
        about(&format!("params.{}", param.name), &value(param))?;
    }
    if let Some(from) = rule.enforced_from {
        about("Denies from", &from.to_string())?;
    }
    if rule.denies {
        about("At the gate", "It denies whatever its severity.")?;
    } else if rule.needs_surroundings() {
        let told =
            "It looks at what stands around a workload, so it denies only with `deny: true`.";
        about("At the gate", told)?;
    }
    Ok(())
}

fn value(param: &CheckParameter) -> String {
    match (&param.value, &param.values) {
        (Some(IntOrString::Int(number)), _) => number.to_string(),
        (Some(IntOrString::String(text)), _) => text.clone(),
        (None, values) => values.clone().unwrap_or_default().join(", "),
    }
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
