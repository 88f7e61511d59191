//! `prodready audit`: the verdicts of operator and gate, on files or on a cluster.

use std::{
    io::{self, Write as _},
    mem,
    path::Path,
};

use clap::{Args, ValueEnum};
use prodready_engine::{
    api::{
        report_list::ReadinessReportList,
        vocabulary::{Profile, Severity},
    },
    check::Check,
    policy::Policy,
};

use super::{
    CommandError, Outcome, checks,
    target::{Target, judges, policies_in, policies_named, policies_of},
};
use crate::{
    audit::{Audit, Judges, audit},
    input::{InputError, Loaded},
    output::{self, Detail},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing to object to, 1 findings that fail, 2 an error of usage or input."
)]
pub(super) struct AuditArguments {
    #[command(flatten)]
    target: Target,
    /// Judge all by this policy, whatever it selects: a file, or the name of one in the cluster
    #[arg(long, value_name = "FILE|NAME", conflicts_with = "profile")]
    policy: Option<String>,
    /// Judge all by this profile [default: the cluster's policies, else production]
    #[arg(long)]
    profile: Option<Profile>,
    /// Ask only these checks, separated by commas
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = checks::parse)]
    checks: Vec<&'static Check>,
    /// Ask only the checks that answer for this list of others: pss-baseline, pss-restricted, cis, nsa-cisa,
    /// pci-dss or soc2
    #[arg(long, value_name = "LIST", value_parser = checks::parse_view, conflicts_with = "checks")]
    view: Option<&'static str>,
    /// The version of Kubernetes that the manifests are for, such as 1.34 [default: the newest known]
    #[arg(long, value_name = "VERSION", value_parser = minor_version)]
    target_version: Option<i64>,
    /// Exit with 1 for findings of this severity or a graver one
    #[arg(long, value_enum, default_value_t = FailOn::High)]
    fail_on: FailOn,
    /// Exit with 1 where a workload's score is below this
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(i32).range(0..=100))]
    min_score: Option<i32>,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

/// The parameter by which checks know for which version of Kubernetes something is.
const TARGET_VERSION: &str = "targetVersion";

/// The minor version of `1.34`, `v1.34` or `1.34.2`.
fn minor_version(text: &str) -> Result<i64, String> {
    let numbers = text.trim_start_matches('v').strip_prefix("1.");
    let minor = numbers.and_then(|rest| rest.split('.').next()?.parse().ok());
    minor.ok_or_else(|| "write a version of Kubernetes such as 1.34".to_owned())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Findings with their places and fixes, and a table
    Table,
    /// The same with reasons, unknowns and all counts
    Wide,
    Json,
    Yaml,
}

pub(super) fn run(
    arguments: &AuditArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    if arguments.target.is_files() {
        of_files(arguments, out)
    } else {
        of_cluster(arguments, out)
    }
}

fn of_files(arguments: &AuditArguments, out: &mut dyn io::Write) -> Result<Outcome, CommandError> {
    let judges = match &arguments.policy {
        Some(file) => arguments.judges(policies_in(Path::new(file))?),
        None => arguments.judges_of_profile(),
    };
    let gathered = arguments.target.gather();
    let mut loaded = arguments
        .target
        .load(&gathered.sources, &judges.reads_whole());
    loaded.add_errors(gathered.errors);
    let outcome = arguments.finish(&loaded, &judges, out);
    // The program ends here: the kernel takes ten thousand trees back at once.
    mem::forget(loaded);
    outcome
}

fn of_cluster(
    arguments: &AuditArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (loaded, judges) = runtime.block_on(async {
        let client = arguments.target.connect().await?;
        let judges = arguments.judges_of_cluster(&client).await?;
        let loaded = arguments
            .target
            .list(&client, &judges.reads_whole())
            .await?;
        Ok::<_, CommandError>((loaded, judges))
    })?;
    arguments.finish(&loaded, &judges, out)
}

impl AuditArguments {
    pub(super) fn is_styled(&self) -> bool {
        !matches!(self.output, Format::Json)
    }

    async fn judges_of_cluster(&self, client: &kube::Client) -> Result<Judges, CommandError> {
        if let Some(named) = &self.policy {
            return Ok(self.judges(policies_named(named, client).await?));
        }
        if self.profile.is_some() {
            return Ok(self.judges_of_profile());
        }
        let policies = policies_of(client).await?;
        Ok(if policies.is_empty() {
            self.judges_of_profile()
        } else {
            let policies = self.narrowed(policies);
            Judges::Governing(Box::new(policies.into_iter().collect()))
        })
    }

    fn judges_of_profile(&self) -> Judges {
        self.judges(vec![Policy::of_profile(self.profile.unwrap_or_default())])
    }

    fn judges(&self, policies: Vec<Policy>) -> Judges {
        judges(self.narrowed(policies))
    }

    fn narrowed(&self, policies: Vec<Policy>) -> Vec<Policy> {
        let wanted = match self.view {
            Some(view) => checks::of_view(view),
            None => self.checks.clone(),
        };
        let policies = policies.into_iter().map(|policy| {
            let policy = if wanted.is_empty() {
                policy
            } else {
                policy.narrowed_to(&wanted)
            };
            match self.target_version {
                Some(minor) => policy.with_number(TARGET_VERSION, minor),
                None => policy,
            }
        });
        policies.collect()
    }

    fn finish(
        &self,
        loaded: &Loaded<'_>,
        judges: &Judges,
        out: &mut dyn io::Write,
    ) -> Result<Outcome, CommandError> {
        let audit = audit(loaded, judges, self.target.now());
        match self.output {
            Format::Table => output::text(&audit.list, Detail::Brief, out)?,
            Format::Wide => output::text(&audit.list, Detail::Wide, out)?,
            Format::Json => output::json(&audit.list, out)?,
            Format::Yaml => output::yaml(&audit.list, out)?,
        }
        out.flush()?;
        tell(&loaded.errors, &audit)?;
        let outcome = self.outcome(&audit.list);
        mem::forget(audit);
        Ok(outcome)
    }

    /// Counted from the very values that were printed.
    fn outcome(&self, list: &ReadinessReportList) -> Outcome {
        if !list.errors.is_empty() {
            return Outcome::InputErrors;
        }
        let statuses = || {
            list.items
                .iter()
                .filter_map(|report| report.status.as_ref())
        };
        let grave = self.fail_on.severity().is_some_and(|least| {
            statuses()
                .flat_map(|status| &status.findings)
                .any(|finding| finding.severity >= least)
        });
        let low = self.min_score.is_some_and(|least| {
            statuses()
                .filter_map(|status| status.score)
                .any(|score| score < least)
        });
        if grave || low {
            Outcome::Findings
        } else {
            Outcome::Good
        }
    }
}

/// Tells on standard error what could not be judged.
fn tell(errors: &[InputError], audit: &Audit) -> io::Result<()> {
    let mut err = anstream::stderr().lock();
    for error in errors {
        writeln!(err, "error: {error}")?;
    }
    for note in &audit.notes {
        writeln!(err, "note: {note}")?;
    }
    match audit.ungoverned {
        0 => Ok(()),
        1 => writeln!(
            err,
            "note: one workload is left out, because no policy selects it; --profile judges all"
        ),
        many => writeln!(
            err,
            "note: {many} workloads are left out, because no policy selects them; --profile judges all"
        ),
    }
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Never => None,
        }
    }
}
