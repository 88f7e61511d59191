//! `prodready audit`: the verdicts of operator and gate, on files or on a cluster.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use prodready_engine::{
    api::{
        report_list::ReadinessReportList,
        vocabulary::{Profile, Severity},
    },
    check::Check,
    object::selector::LabelSelector,
    policy::Policy,
    surroundings::Completeness,
};

use super::{CommandError, Outcome, checks};
use crate::{
    audit::{Audit, Judges, audit},
    input::{self, Connection, Gathered, InputError, Limits, Loaded, Scope, Source},
    output::{self, Detail},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing to object to, 1 findings that fail, 2 an error of usage or input."
)]
pub(super) struct AuditArguments {
    /// Files and directories to judge, `-` for standard input; without any, a cluster is judged
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The same, as kubectl has it; may be given more than once
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    filenames: Vec<PathBuf>,
    /// The namespace to judge; for files, that of objects which name none
    #[arg(short, long)]
    namespace: Option<String>,
    /// Judge all namespaces of the cluster
    #[arg(short = 'A', long, conflicts_with_all = ["namespace", "paths", "filenames"])]
    all_namespaces: bool,
    /// Judge only workloads with these labels: key=value, key!=value, key, !key, `key in (a,b)`
    #[arg(short = 'l', long, value_parser = input::parse_selector)]
    selector: Option<LabelSelector>,
    /// The kubeconfig file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "filenames"])]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig file
    #[arg(long, conflicts_with_all = ["paths", "filenames"])]
    context: Option<String>,
    /// Judge all by this policy, whatever it selects: a file, or the name of one in the cluster
    #[arg(long, value_name = "FILE|NAME", conflicts_with = "profile")]
    policy: Option<String>,
    /// Judge all by this profile [default: the cluster's policies, else production]
    #[arg(long)]
    profile: Option<Profile>,
    /// Ask only these checks, separated by commas
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = checks::parse)]
    checks: Vec<&'static Check>,
    /// What it means that something is not among the files
    #[arg(long, value_enum, default_value_t = Around::Files)]
    surroundings: Around,
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Around {
    /// What is not here does not exist
    Complete,
    /// What ships with a workload is here; what belongs to namespace or cluster may be elsewhere
    Files,
    /// Anything may be elsewhere
    Partial,
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
    if arguments.paths.is_empty() && arguments.filenames.is_empty() {
        return of_cluster(arguments, out);
    }
    of_files(arguments, out)
}

fn of_files(arguments: &AuditArguments, out: &mut dyn io::Write) -> Result<Outcome, CommandError> {
    let judges = match &arguments.policy {
        Some(file) => arguments.judges(policies_in(Path::new(file))?),
        None => arguments.judges_of_profile(arguments.profile.unwrap_or_default()),
    };
    let paths = [arguments.paths.as_slice(), &arguments.filenames].concat();
    let Gathered { sources, errors } =
        input::gather(&paths, &Limits::default(), &mut io::stdin().lock());
    let loaded = arguments.load(&sources, errors);
    arguments.finish(loaded, &judges, out)
}

fn of_cluster(
    arguments: &AuditArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (loaded, judges) = runtime.block_on(from_cluster(arguments))?;
    arguments.finish(loaded, &judges, out)
}

async fn from_cluster(
    arguments: &AuditArguments,
) -> Result<(Loaded<'static>, Judges), CommandError> {
    let connection = Connection {
        kubeconfig: arguments.kubeconfig.clone(),
        context: arguments.context.clone(),
    };
    let client = input::connect(&connection).await.context(
        "no cluster to judge: name files with -f, or a cluster with --kubeconfig and --context",
    )?;
    let judges = judges_of_cluster(arguments, &client).await?;
    let scope = match &arguments.namespace {
        _ if arguments.all_namespaces => Scope::All,
        Some(namespace) => Scope::Namespace(namespace.clone()),
        None => Scope::Namespace(client.default_namespace().to_owned()),
    };
    let loaded = input::list(&client, &scope)
        .await
        .context("cannot list the cluster's objects")?;
    Ok((loaded, judges))
}

async fn judges_of_cluster(
    arguments: &AuditArguments,
    client: &kube::Client,
) -> Result<Judges, CommandError> {
    if let Some(profile) = arguments.profile {
        return Ok(arguments.judges_of_profile(profile));
    }
    let Some(named) = &arguments.policy else {
        let policies = input::policies(client)
            .await
            .context("cannot list the cluster's policies")?;
        // One that cannot be used says so in its own status; the operator passes it over too.
        let usable: Vec<_> = policies
            .iter()
            .filter_map(|policy| Policy::compile(policy).ok())
            .collect();
        return Ok(if usable.is_empty() {
            arguments.judges_of_profile(Profile::default())
        } else {
            Judges::Governing(arguments.narrowed(usable))
        });
    };
    if Path::new(named).is_file() {
        return Ok(arguments.judges(policies_in(Path::new(named))?));
    }
    let written = input::policy(client, named)
        .await
        .with_context(|| format!("cannot read the policy {named}"))?
        .ok_or_else(|| {
            CommandError::Usage(format!(
                "--policy {named}: there is no such file, and no such policy in the cluster"
            ))
        })?;
    let policy = Policy::compile(&written).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        CommandError::Usage(format!("--policy {named}: {}", mistakes.join("; ")))
    })?;
    Ok(arguments.judges(vec![policy]))
}

fn policies_in(path: &Path) -> Result<Vec<Policy>, CommandError> {
    input::policies_in(path).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        CommandError::Usage(errors.join("\nerror: "))
    })
}

impl AuditArguments {
    fn judges_of_profile(&self, profile: Profile) -> Judges {
        self.judges(vec![Policy::of_profile(profile)])
    }

    /// A single policy judges all; of several each judges what it selects.
    fn judges(&self, policies: Vec<Policy>) -> Judges {
        let mut policies = self.narrowed(policies);
        match (policies.pop(), policies.is_empty()) {
            (Some(only), true) => Judges::One(Box::new(only)),
            (last, _) => {
                policies.extend(last);
                Judges::Governing(policies)
            }
        }
    }

    fn narrowed(&self, policies: Vec<Policy>) -> Vec<Policy> {
        if self.checks.is_empty() {
            return policies;
        }
        let policies = policies.into_iter();
        policies
            .map(|policy| policy.narrowed_to(&self.checks))
            .collect()
    }

    fn load<'a>(&self, sources: &'a [Source], errors: Vec<InputError>) -> Loaded<'a> {
        let namespace = self.namespace.as_deref().unwrap_or("default");
        let mut loaded = input::load(sources, namespace, self.surroundings.completeness());
        loaded.add_errors(errors);
        loaded
    }

    fn finish(
        &self,
        mut loaded: Loaded<'_>,
        judges: &Judges,
        out: &mut dyn io::Write,
    ) -> Result<Outcome, CommandError> {
        if let Some(selector) = &self.selector {
            loaded
                .subjects
                .retain(|subject| selector.matches(&subject.workload.metadata.labels));
        }
        let audit = audit(&loaded, judges);
        match self.output {
            Format::Table => output::text(&audit.list, Detail::Brief, out)?,
            Format::Wide => output::text(&audit.list, Detail::Wide, out)?,
            Format::Json => output::json(&audit.list, out)?,
            Format::Yaml => output::yaml(&audit.list, out)?,
        }
        out.flush()?;
        tell(&loaded.errors, &audit)?;
        Ok(self.outcome(&audit.list))
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

impl Around {
    fn completeness(self) -> Completeness {
        match self {
            Self::Complete => Completeness::complete(),
            Self::Files => Completeness::of_files(),
            Self::Partial => Completeness::partial("it may lie elsewhere (--surroundings partial)"),
        }
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
