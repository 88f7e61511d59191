//! `prodready checks`: the catalogue.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use prodready_engine::{
    api::{
        policy::CheckParameter,
        rule::ForEach,
        vocabulary::{Category, Profile, Severity, WorkloadKind},
    },
    check::{Check, Parameter, ParameterKind},
    checks,
    peers::all as all_peers,
    rule::Rule,
    views,
};
use serde::Serialize;
use serde_json::{Value, json};
use tabwriter::TabWriter;

use super::{CommandError, Outcome, target::policies_in};

#[derive(Debug, Args)]
pub(super) struct ChecksArguments {
    /// Only the checks that this profile asks
    #[arg(long)]
    profile: Option<Profile>,
    /// Only the checks of this category
    #[arg(long)]
    category: Option<Category>,
    /// Also the rules of this policy's own
    #[arg(long, value_name = "FILE", conflicts_with_all = ["coverage", "view", "fillable"])]
    policy: Option<PathBuf>,
    /// Only the checks whose fixes a policy may have filled in, by spec.defaults.checks
    #[arg(long)]
    fillable: bool,
    /// What other tools call it, tool by tool, and which check covers it
    #[arg(long)]
    coverage: bool,
    /// The controls of a list of others, and which checks answer for each: pss-baseline, pss-restricted, cis,
    /// nsa-cisa, pci-dss or soc2
    #[arg(long, value_name = "LIST", value_parser = parse_view, conflicts_with_all = ["coverage", "profile", "category", "fillable"])]
    view: Option<&'static str>,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Table,
    Json,
    Name,
}

/// Reads a check's id, as an argument of any command.
pub(super) fn parse(id: &str) -> Result<&'static Check, String> {
    checks::find(id).ok_or_else(|| {
        let like: Vec<&str> = checks::all()
            .map(|check| check.id)
            .filter(|known| !id.is_empty() && (known.contains(id) || id.contains(known)))
            .collect();
        if like.is_empty() {
            "there is no such check; `prodready checks` lists them".to_owned()
        } else {
            format!(
                "there is no such check; did you mean {}?",
                like.join(" or ")
            )
        }
    })
}

/// Reads the name of a list of others.
pub(super) fn parse_view(name: &str) -> Result<&'static str, String> {
    let names = views::names();
    let found = names.iter().find(|known| **known == name).copied();
    found.ok_or_else(|| format!("there is no such list; write one of {}", names.join(", ")))
}

/// The checks that answer for a list of others, each once.
pub(super) fn of_view(view: &str) -> Vec<&'static Check> {
    let controls = views::all().filter(|control| control.view == view);
    let ids: BTreeSet<&str> = controls.flat_map(|control| control.checks).collect();
    checks::all()
        .filter(|check| ids.contains(check.id))
        .collect()
}

fn view_table(view: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let mut columns = TabWriter::new(&mut *out).padding(3);
    writeln!(columns, "CONTROL\tASKS\tCHECKS")?;
    for control in views::all().filter(|control| control.view == view) {
        let (name, asks) = (control.name, control.asks);
        writeln!(columns, "{name}\t{asks}\t{}", control.checks.join(", "))?;
    }
    columns.flush()
}

pub(super) fn run(
    arguments: &ChecksArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    if let Some(view) = arguments.view {
        view_table(view, out)?;
        return Ok(Outcome::Good);
    }
    let wanted = checks::all()
        .filter(|check| {
            arguments
                .profile
                .is_none_or(|profile| check.profile <= profile)
        })
        .filter(|check| {
            arguments
                .category
                .is_none_or(|category| check.category == category)
        })
        .filter(|check| {
            !arguments.fillable || checks::fillable().any(|fillable| fillable.id == check.id)
        });
    if arguments.coverage {
        coverage(wanted, out)?;
        return Ok(Outcome::Good);
    }
    let rules = arguments.rules()?;
    match arguments.output {
        Format::Table => table(wanted, &rules, out)?,
        Format::Json => {
            let checks = wanted.map(|check| serde_json::to_value(Row::of(check)));
            let rules = rules
                .iter()
                .map(|own| serde_json::to_value(RuleRow::of(own)));
            let rows: Vec<Value> = checks.chain(rules).collect::<Result<_, _>>()?;
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            writeln!(out)?;
        }
        Format::Name => {
            let ids = wanted.map(|check| check.id);
            let rules = rules.iter().map(|own| own.rule.id.as_ref());
            ids.chain(rules).try_for_each(|id| writeln!(out, "{id}"))?;
        }
    }
    Ok(Outcome::Good)
}

/// A rule with the policy whose own it is.
pub(super) struct OwnRule {
    pub(super) policy: Arc<str>,
    pub(super) rule: Arc<Rule>,
}

/// The rules of the policies of a file, in their order.
pub(super) fn rules_in(file: &Path) -> Result<Vec<OwnRule>, CommandError> {
    let policies = policies_in(file)?.into_iter();
    let rules = policies.flat_map(|policy| {
        let name = policy.name;
        let rules = policy.rules.into_iter();
        rules.map(move |rule| OwnRule {
            policy: Arc::clone(&name),
            rule,
        })
    });
    Ok(rules.collect())
}

impl ChecksArguments {
    fn rules(&self) -> Result<Vec<OwnRule>, CommandError> {
        let Some(file) = &self.policy else {
            return Ok(Vec::new());
        };
        let mut rules = rules_in(file)?;
        rules.retain(|own| {
            self.category
                .is_none_or(|category| own.rule.category == category)
        });
        Ok(rules)
    }
}

fn table(
    checks: impl Iterator<Item = &'static Check>,
    rules: &[OwnRule],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut row = |id: &str, severity: &str, category: &str, profile: &str, title: &str| {
        writeln!(
            out,
            "{id:<34}{severity:<10}{category:<17}{profile:<12}{title}"
        )
    };
    row("ID", "SEVERITY", "CATEGORY", "PROFILE", "TITLE")?;
    for check in checks {
        let (severity, category) = (check.severity.to_string(), check.category.to_string());
        let profile = check.profile.to_string();
        row(check.id, &severity, &category, &profile, check.title)?;
    }
    for OwnRule { policy, rule } in rules {
        let (severity, category) = (rule.severity.to_string(), rule.category.to_string());
        let title = format!("{} (rule of policy {policy})", rule.title);
        row(&rule.id, &severity, &category, "-", &title)?;
    }
    Ok(())
}

/// One line for each id of another tool, and how many there are.
fn coverage(
    checks: impl Iterator<Item = &'static Check>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut peers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for check in checks {
        for peer in check.covers.peers {
            peers.entry(peer).or_default().push(check.id);
        }
    }
    let mut columns = TabWriter::new(&mut *out).padding(3);
    writeln!(columns, "PEER\tCHECK")?;
    for (peer, ids) in &peers {
        writeln!(columns, "{peer}\t{}", ids.join(", "))?;
    }
    columns.flush()?;
    let left_out: Vec<(&str, &str)> = all_peers()
        .filter_map(|peer| Some((peer.id, peer.left_out?)))
        .collect();
    let mut columns = TabWriter::new(&mut *out).padding(3);
    writeln!(columns, "\nLEFT OUT\tBECAUSE")?;
    for (id, why) in &left_out {
        writeln!(columns, "{id}\t{why}")?;
    }
    columns.flush()?;
    let tools: BTreeSet<&str> = peers
        .keys()
        .filter_map(|peer| Some(peer.split_once(':')?.0))
        .collect();
    writeln!(
        out,
        "\n{} ids of {} tools are covered, {} are left out.",
        peers.len(),
        tools.len(),
        left_out.len()
    )
}

/// One check, as programs read it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: &'static str,
    title: &'static str,
    category: Category,
    severity: Severity,
    effort_minutes: u32,
    profiles: Vec<Profile>,
    needs_surroundings: bool,
    parameters: Vec<Value>,
    audit_rows: &'static [u16],
    peers: &'static [&'static str],
    docs: String,
}

impl Row {
    fn of(check: &'static Check) -> Self {
        Self {
            id: check.id,
            title: check.title,
            category: check.category,
            severity: check.severity,
            effort_minutes: check.effort.0,
            profiles: Profile::ALL
                .into_iter()
                .filter(|profile| check.profile <= *profile)
                .collect(),
            needs_surroundings: check.needs_surroundings(),
            parameters: check.parameters.iter().map(parameter).collect(),
            audit_rows: check.covers.audit_rows,
            peers: check.covers.peers,
            docs: format!("docs/checks/{}.md", check.id),
        }
    }
}

/// One rule, as programs read it: what it has in common with checks has the same name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleRow<'a> {
    id: &'a str,
    title: &'a str,
    category: Category,
    severity: Severity,
    needs_surroundings: bool,
    /// Tells it from a check.
    rule: bool,
    policy: &'a str,
    weight: u32,
    kinds: &'a [WorkloadKind],
    #[serde(skip_serializing_if = "Option::is_none")]
    for_each: Option<ForEach>,
    deny: bool,
    params: &'a [CheckParameter],
}

impl<'a> RuleRow<'a> {
    fn of(OwnRule { policy, rule }: &'a OwnRule) -> Self {
        Self {
            id: &rule.id,
            title: &rule.title,
            category: rule.category,
            severity: rule.severity,
            needs_surroundings: rule.needs_surroundings(),
            rule: true,
            policy,
            weight: rule.weight,
            kinds: &rule.written.kinds,
            for_each: rule.written.for_each,
            deny: rule.denies,
            params: &rule.written.params,
        }
    }
}

fn parameter(parameter: &Parameter) -> Value {
    let (name, describes) = (parameter.name, parameter.describes);
    match parameter.kind {
        ParameterKind::Integer { min, max, default } => {
            json!({"name": name, "type": "integer", "min": min, "max": max, "default": default, "describes": describes})
        }
        ParameterKind::Quantity { default } => {
            json!({"name": name, "type": "quantity", "default": default, "describes": describes})
        }
        ParameterKind::Texts { default } => {
            json!({"name": name, "type": "texts", "default": default, "describes": describes})
        }
    }
}
