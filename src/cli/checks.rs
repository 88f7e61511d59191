//! `prodready checks`: the catalogue.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
};

use clap::{Args, ValueEnum};
use prodready_engine::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Check, Parameter, ParameterKind},
    checks,
    peers::all as all_peers,
    views,
};
use serde::Serialize;
use serde_json::{Value, json};
use tabwriter::TabWriter;

use super::{CommandError, Outcome};

#[derive(Debug, Args)]
pub(super) struct ChecksArguments {
    /// Only the checks that this profile asks
    #[arg(long)]
    profile: Option<Profile>,
    /// Only the checks of this category
    #[arg(long)]
    category: Option<Category>,
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
    match arguments.output {
        Format::Table => table(wanted, out)?,
        Format::Json => {
            let rows: Vec<Row> = wanted.map(Row::of).collect();
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            writeln!(out)?;
        }
        Format::Name => wanted
            .map(|check| check.id)
            .try_for_each(|id| writeln!(out, "{id}"))?,
    }
    Ok(Outcome::Good)
}

fn table(checks: impl Iterator<Item = &'static Check>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<34}{:<10}{:<17}{:<12}TITLE",
        "ID", "SEVERITY", "CATEGORY", "PROFILE"
    )?;
    for check in checks {
        let (severity, category, profile) = (check.severity, check.category, check.profile);
        writeln!(
            out,
            "{:<34}{severity:<10}{category:<17}{profile:<12}{}",
            check.id, check.title
        )?;
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
