//! `prodready why KIND/NAME`: what the gate would say of a workload that is there already.

use std::io;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use prodready_engine::{
    api::{
        condition::{Condition, ConditionStatus},
        policy::ProductionReadinessPolicy,
        vocabulary::{Mode, WorkloadKind},
    },
    gate::{self, Added, Case, Decision},
    object::Workload,
    policy::{Candidate, PolicySet, Ratchet, whole_for},
};

use super::{CommandError, Outcome, cluster::ClusterArguments};
use crate::{
    input::{self, Loaded, Scope},
    webhook::review,
    written::Written,
};

#[derive(Debug, Args)]
#[command(
    after_help = "It says what would happen now to the object as it is in the cluster, and changes nothing. Exit codes: 0 it would be admitted if it were made anew, 1 it would be denied, 2 an error of usage or input."
)]
pub(super) struct WhyArguments {
    /// The workload: deploy/cart, or deploy cart
    #[arg(value_name = "KIND/NAME", required = true, num_args = 1..=2)]
    workload: Vec<String>,
    /// The workload's namespace
    #[arg(short, long)]
    namespace: Option<String>,
    #[command(flatten)]
    cluster: ClusterArguments,
}

pub(super) fn run(
    arguments: &WhyArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    let (kind, name) = arguments.named()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (loaded, written, namespace) = runtime.block_on(arguments.look())?;
    let found = loaded.cluster.workload(kind, &namespace, name);
    let workload = found.ok_or_else(|| {
        CommandError::Usage(format!(
            "there is no {kind} {name} in namespace {namespace}, or another workload controls it: ask for that one"
        ))
    })?;
    tell(workload, &namespace, &loaded, &written, out)
}

impl WhyArguments {
    fn named(&self) -> Result<(WorkloadKind, &str), CommandError> {
        let words: Vec<&str> = self
            .workload
            .iter()
            .flat_map(|word| word.split('/'))
            .collect();
        let [kind, name] = words.as_slice() else {
            let told = format!(
                "{}: name a workload as deploy/cart",
                self.workload.join(" ")
            );
            return Err(CommandError::Usage(told));
        };
        let kind = kind_of(kind).ok_or_else(|| {
            let known: Vec<&str> = WorkloadKind::ALL.iter().map(|kind| kind.plural()).collect();
            CommandError::Usage(format!(
                "{kind} is no kind of workload: {}",
                known.join(", ")
            ))
        })?;
        Ok((kind, name))
    }

    async fn look(&self) -> Result<(Loaded<'static>, Vec<Written>, String), CommandError> {
        let client = self.cluster.connect("to ask").await?;
        let namespace = self
            .namespace
            .as_deref()
            .unwrap_or(client.default_namespace());
        let namespace = namespace.to_owned();
        let written = input::policies(&client)
            .await
            .context("cannot list the cluster's policies")?;
        let whole = whole_for(usable(&written).iter());
        let loaded = input::list(&client, &Scope::Namespace(namespace.clone()), &whole)
            .await
            .context("cannot list the namespace's objects")?;
        Ok((loaded, written, namespace))
    }
}

/// A kind by its name, its plural or kubectl's short name, with or without its group.
fn kind_of(word: &str) -> Option<WorkloadKind> {
    let word = word.to_lowercase();
    let word = word.split('.').next().unwrap_or_default();
    let short = |kind: WorkloadKind| match kind {
        WorkloadKind::Deployment => "deploy",
        WorkloadKind::StatefulSet => "sts",
        WorkloadKind::DaemonSet => "ds",
        WorkloadKind::ReplicaSet => "rs",
        WorkloadKind::CronJob => "cj",
        WorkloadKind::Pod => "po",
        WorkloadKind::Job => "job",
    };
    let mut kinds = WorkloadKind::ALL.into_iter();
    kinds.find(|kind| {
        word == kind.as_str().to_lowercase() || word == kind.plural() || word == short(*kind)
    })
}

/// The policies without a mistake: the operator passes the others over too.
fn usable(written: &[Written]) -> PolicySet {
    let compiled = written.iter().filter_map(|policy| policy.compile().ok());
    compiled.collect()
}

fn tell(
    workload: &Workload,
    namespace: &str,
    loaded: &Loaded<'_>,
    written: &[Written],
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    let policies = usable(written);
    let around = loaded.cluster.around(namespace);
    let candidate = Candidate {
        kind: workload.kind,
        labels: &workload.metadata.labels,
        namespace,
    };
    let name = workload.display_name();
    let Some(policy) = policies.governing(candidate, &around.namespace_labels()) else {
        writeln!(
            out,
            "No policy governs {name} in namespace {namespace}: the gate lets it pass."
        )?;
        return Ok(Outcome::Good);
    };
    let case = Case {
        workload,
        surroundings: around,
        policy,
        reach: review::reach(workload),
        now: Timestamp::now(),
    };
    let mut stored = written.iter().map(|written| &written.policy);
    let stored = stored.find(|stored| stored.metadata.name.as_deref() == Some(&*policy.name));
    writeln!(
        out,
        "{name} in namespace {namespace} is governed by policy {}, which {}.",
        policy.name,
        mode(&case, stored)
    )?;
    if let Some(stored) = stored {
        in_the_way(stored, namespace, out)?;
    }
    let filled = gate::made_now(&case);
    let filled = filled.filter(|_| policy.enforcement.mode_at(case.now) != Mode::Audit);
    let stored_as = match &filled {
        None => case,
        Some((workload, added)) => {
            fills_in(added, out)?;
            Case { workload, ..case }
        }
    };
    let denied = made_anew(&stored_as, out)?;
    if denied {
        changed(&case, out)?;
    }
    Ok(if denied {
        Outcome::Findings
    } else {
        Outcome::Good
    })
}

/// What the policy does now, and since or until when.
fn mode(case: &Case<'_>, stored: Option<&ProductionReadinessPolicy>) -> String {
    let enforcement = &case.policy.enforcement;
    match (enforcement.mode_at(case.now), enforcement.mode) {
        (Mode::Enforce, _) => {
            let since = stored.and_then(|stored| condition(stored, "Enforcing"));
            let since = since.filter(|since| since.status == ConditionStatus::True);
            let since = since.map(|since| since.last_transition_time.0);
            let since = enforcement.from.max(since);
            let since = since.map_or_else(String::new, |since| format!(" since {}", moment(since)));
            format!("denies what falls short{since}")
        }
        (_, Mode::Enforce) => {
            let from = enforcement.from.map(moment).unwrap_or_default();
            format!("warns until {from} and denies from then on")
        }
        (Mode::Warn, _) => "warns of what falls short and denies nothing".to_owned(),
        (Mode::Audit, _) => "reports what falls short and denies nothing".to_owned(),
    }
}

fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// What keeps the gate from doing as the policy says.
fn in_the_way(
    stored: &ProductionReadinessPolicy,
    namespace: &str,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let protected = stored
        .status
        .iter()
        .flat_map(|status| &status.protected_namespaces);
    for protected in protected.filter(|protected| protected.name == namespace) {
        writeln!(
            out,
            "The gate leaves this namespace alone all the same: {}.",
            protected.why
        )?;
    }
    let unreachable = condition(stored, "GateReachable");
    let unreachable = unreachable.filter(|found| found.status == ConditionStatus::False);
    if let Some(Condition {
        reason, message, ..
    }) = unreachable
    {
        writeln!(
            out,
            "The API server does not ask the gate now ({reason}): {message}"
        )?;
    }
    Ok(())
}

fn condition<'a>(policy: &'a ProductionReadinessPolicy, type_: &str) -> Option<&'a Condition> {
    let conditions = policy.status.iter().flat_map(|status| &status.conditions);
    conditions.into_iter().find(|found| found.type_ == type_)
}

/// Says what would be filled in if the object were made anew.
fn fills_in(added: &[Added], out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "\nMade anew, what it leaves out would be filled in:\n")?;
    for Added { check, at, value } in added {
        writeln!(out, "  {check}: {}: {value}", at.field_path())?;
    }
    Ok(())
}

/// Says what becomes of the object if it were made anew, and whether it would be denied.
fn made_anew(case: &Case<'_>, out: &mut dyn io::Write) -> io::Result<bool> {
    match gate::decide(case, || None).decision {
        Decision::Denied(denial) => {
            writeln!(
                out,
                "\nMade anew, it would be denied:\n\n{}",
                indented(&denial.message)
            )?;
            Ok(true)
        }
        Decision::Allowed { warnings } if warnings.is_empty() => {
            writeln!(out, "\nMade anew, it would be admitted.")?;
            Ok(false)
        }
        Decision::Allowed { warnings } => {
            let warnings = indented(&warnings.join("\n"));
            writeln!(
                out,
                "\nMade anew, it would be admitted with warnings:\n\n{warnings}"
            )?;
            Ok(false)
        }
    }
}

/// Says what a change of the object may leave as it is.
fn changed(case: &Case<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let ratchet = case.policy.enforcement.ratchet;
    match gate::decide(case, || Some(case.workload.clone())).decision {
        Decision::Denied(_) => {
            let why = match ratchet {
                Ratchet::Until(end) => {
                    format!("what was there before might stay until {}", moment(end))
                }
                Ratchet::On | Ratchet::Off => "the policy's ratchet is off".to_owned(),
            };
            writeln!(out, "\nA change of it would be denied as well: {why}.")
        }
        Decision::Allowed { warnings } => {
            let end = match ratchet {
                Ratchet::Until(end) => format!(", until {}", moment(end)),
                Ratchet::On | Ratchet::Off => String::new(),
            };
            writeln!(
                out,
                "\nA change of it would be admitted as long as it makes nothing worse{end}:\n\n{}",
                indented(&warnings.join("\n"))
            )
        }
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
