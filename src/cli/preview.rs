//! `prodready preview`: who would be denied under a policy, before it is applied.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    io::{self, Write as _},
    path::Path,
    sync::Arc,
};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use prodready_engine::{
    exception::judge,
    gate::{Case, Objections, made_now, objections_if_made},
    object::Workload,
    policy::{Policy, whole_for},
};
use serde::Serialize;
use tabwriter::TabWriter;

use super::{
    CommandError, Outcome,
    target::{Target, policies_in, policies_named, policies_of, with_those_that_stay},
};
use crate::{
    audit::Judges,
    input::{Loaded, Subject},
    webhook::review,
};

#[derive(Debug, Args)]
#[command(
    after_help = "Dates, modes and the ratchet are left aside: it tells who would be denied if made anew under Enforce. Exit codes: 0 nobody, 1 somebody would be denied, 2 an error of usage or input."
)]
pub(super) struct PreviewArguments {
    #[command(flatten)]
    target: Target,
    /// The policy to come: a file, or the name of one in the cluster; it counts for what it selects
    #[arg(long, value_name = "FILE|NAME")]
    policy: String,
    /// The policy in force, for comparison [default: the cluster's policies]
    #[arg(long, value_name = "FILE")]
    before: Option<String>,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Who would be denied and why, and the checks that cause it
    Table,
    Json,
}

pub(super) fn run(
    arguments: &PreviewArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    if arguments.target.is_files() {
        let after = policies_in(Path::new(&arguments.policy))?;
        let before = arguments.before()?.unwrap_or_default();
        let gathered = arguments.target.gather();
        let mut loaded = arguments
            .target
            .load(&gathered.sources, &whole_for(before.iter().chain(&after)));
        loaded.add_errors(gathered.errors);
        return arguments.finish(&loaded, before, after, out);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (loaded, before, after) = runtime.block_on(async {
        let client = arguments.target.connect().await?;
        let after = policies_named(&arguments.policy, &client).await?;
        let before = match arguments.before()? {
            Some(before) => before,
            None => policies_of(&client).await?,
        };
        let whole = whole_for(before.iter().chain(&after));
        let loaded = arguments.target.list(&client, &whole).await?;
        Ok::<_, CommandError>((loaded, before, after))
    })?;
    arguments.finish(&loaded, before, after, out)
}

/// What a preview came to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    /// How many workloads were judged.
    workloads: usize,
    /// How many of them would be denied now.
    denied_before: usize,
    /// How many of them would be denied then.
    denied_after: usize,
    /// Those that would be denied now or then.
    changes: Vec<Change>,
    /// How many workloads each check would deny then.
    checks: BTreeMap<String, usize>,
    /// In how many workloads each check's fix would be filled in then.
    filled_in: BTreeMap<&'static str, usize>,
}

/// How one workload would fare.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    namespace: String,
    workload: String,
    before: Fate,
    after: Fate,
    /// The checks that would deny it then.
    checks: Vec<String>,
    /// The score that it would have to reach and does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum_score: Option<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Fate {
    Ungoverned,
    Allowed,
    Denied,
}

impl PreviewArguments {
    fn before(&self) -> Result<Option<Vec<Policy>>, CommandError> {
        let before = self.before.as_deref().map(Path::new);
        before.map(policies_in).transpose()
    }

    fn finish(
        &self,
        loaded: &Loaded<'_>,
        before: Vec<Policy>,
        after: Vec<Policy>,
        out: &mut dyn io::Write,
    ) -> Result<Outcome, CommandError> {
        let after = with_those_that_stay(&before, after);
        let preview = preview(
            loaded,
            &Judges::Governing(Box::new(before.into_iter().collect())),
            &Judges::Governing(Box::new(after.into_iter().collect())),
            self.target.now(),
        );
        match self.output {
            Format::Table => table(&preview, out)?,
            Format::Json => {
                serde_json::to_writer_pretty(&mut *out, &preview)?;
                writeln!(out)?;
            }
        }
        out.flush()?;
        let mut err = anstream::stderr().lock();
        for error in &loaded.errors {
            writeln!(err, "error: {error}")?;
        }
        Ok(match (loaded.errors.is_empty(), preview.denied_after) {
            (false, _) => Outcome::InputErrors,
            (true, 0) => Outcome::Good,
            (true, _) => Outcome::Findings,
        })
    }
}

fn preview(loaded: &Loaded<'_>, before: &Judges, after: &Judges, now: Timestamp) -> Preview {
    let mut preview = Preview {
        workloads: loaded.subjects.len(),
        denied_before: 0,
        denied_after: 0,
        changes: Vec::new(),
        checks: BTreeMap::new(),
        filled_in: BTreeMap::new(),
    };
    for subject in &loaded.subjects {
        let (was, _) = fate(loaded, subject, before, now);
        let (becomes, why) = fate(loaded, subject, after, now);
        for check in filled_in(loaded, subject, after, now) {
            *preview.filled_in.entry(check).or_default() += 1;
        }
        preview.denied_before += usize::from(was == Fate::Denied);
        preview.denied_after += usize::from(becomes == Fate::Denied);
        if was != Fate::Denied && becomes != Fate::Denied {
            continue;
        }
        for check in &why.checks {
            *preview.checks.entry(check.clone()).or_default() += 1;
        }
        preview.changes.push(Change {
            namespace: subject.workload.metadata.namespace.clone(),
            workload: subject.workload.display_name(),
            before: was,
            after: becomes,
            checks: why.checks,
            minimum_score: why.below,
        });
    }
    preview
}

fn fate(
    loaded: &Loaded<'_>,
    subject: &Subject<'_>,
    judges: &Judges,
    now: Timestamp,
) -> (Fate, Objections) {
    let workload = &subject.workload;
    let Some(case) = case(loaded, workload, judges, now) else {
        return (Fate::Ungoverned, Objections::default());
    };
    let judgement = judge(workload, case.surroundings, case.policy, now);
    let why = objections_if_made(&case, &judgement);
    if why.is_empty() {
        (Fate::Allowed, why)
    } else {
        (Fate::Denied, why)
    }
}

/// The checks whose fixes would be filled in if the workload were made.
fn filled_in(
    loaded: &Loaded<'_>,
    subject: &Subject<'_>,
    judges: &Judges,
    now: Timestamp,
) -> BTreeSet<&'static str> {
    let case = case(loaded, &subject.workload, judges, now);
    let made = case.and_then(|case| made_now(&case));
    let added = made.map(|(_, added)| added).unwrap_or_default();
    added.into_iter().map(|added| added.check).collect()
}

fn case<'a>(
    loaded: &'a Loaded<'_>,
    workload: &'a Arc<Workload>,
    judges: &'a Judges,
    now: Timestamp,
) -> Option<Case<'a>> {
    let policy = judges.policy(&loaded.cluster, workload)?;
    Some(Case {
        workload,
        surroundings: loaded.cluster.around(&workload.metadata.namespace),
        policy,
        reach: review::reach(workload),
        now,
    })
}

fn table(preview: &Preview, out: &mut dyn io::Write) -> io::Result<()> {
    if !preview.changes.is_empty() {
        let mut columns = TabWriter::new(&mut *out).padding(3);
        writeln!(columns, "NAMESPACE\tWORKLOAD\tBEFORE\tAFTER\tBECAUSE OF")?;
        for change in &preview.changes {
            let mut because = change.checks.clone();
            because.extend(
                change
                    .minimum_score
                    .map(|minimum| format!("score below {minimum}")),
            );
            writeln!(
                columns,
                "{}\t{}\t{}\t{}\t{}",
                change.namespace,
                change.workload,
                change.before.as_str(),
                change.after.as_str(),
                because.join(", ")
            )?;
        }
        columns.flush()?;
        writeln!(out)?;
    }
    counts("CHECK", &preview.checks, out)?;
    counts("FILLED IN", &preview.filled_in, out)?;
    writeln!(
        out,
        "{} of {} workloads would be denied; {} before.",
        preview.denied_after, preview.workloads, preview.denied_before
    )
}

/// A table of checks and numbers of workloads, the greatest first.
fn counts(
    title: &str,
    counts: &BTreeMap<impl Display, usize>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    let mut columns = TabWriter::new(&mut *out).padding(3);
    writeln!(columns, "{title}\tWORKLOADS")?;
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (check, count) in counts {
        writeln!(columns, "{check}\t{count}")?;
    }
    columns.flush()?;
    writeln!(out)
}

impl Fate {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ungoverned => "-",
            Self::Allowed => "allowed",
            Self::Denied => "denied",
        }
    }
}
