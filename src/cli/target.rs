//! What a command looks at: files, standard input or a cluster, and by which policies.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use prodready_engine::{
    object::{resource::Whole, selector::LabelSelector},
    policy::Policy,
    surroundings::Completeness,
};

use super::CommandError;
use crate::{
    audit::Judges,
    input::{self, Connection, Gathered, Limits, Loaded, Scope, Source},
};

/// Files, standard input or a cluster.
#[derive(Debug, Args)]
pub(super) struct Target {
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
    /// What it means that something is not among the files
    #[arg(long, value_enum, default_value_t = Around::Files)]
    surroundings: Around,
    /// ReadinessExceptions that count beside those among the files or in the cluster; may be given more than once
    #[arg(long, value_name = "PATH")]
    exceptions: Vec<PathBuf>,
    /// The moment to judge at, by which exceptions expire, such as 2027-03-31T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
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

impl Target {
    /// Whether files are meant, or standard input.
    pub(super) fn is_files(&self) -> bool {
        !(self.paths.is_empty() && self.filenames.is_empty())
    }

    /// The moment to judge at.
    pub(super) fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(Timestamp::now)
    }

    /// Reads the texts of files and standard input; they must outlive what is loaded from them.
    pub(super) fn gather(&self) -> Gathered {
        let paths = [self.paths.as_slice(), &self.filenames].concat();
        input::gather(&paths, &Limits::default(), &mut io::stdin().lock())
    }

    /// Makes workloads of texts, and keeps whole what the policies' rules ask about.
    pub(super) fn load<'a>(&self, sources: &'a [Source], whole: &Whole) -> Loaded<'a> {
        let namespace = self.namespace.as_deref().unwrap_or("default");
        let around = self.surroundings.completeness();
        let mut loaded = input::load_whole(sources, namespace, around, whole);
        input::add_exceptions(&mut loaded, &self.exceptions, namespace);
        self.selected(loaded)
    }

    /// Lists the workloads of the cluster.
    pub(super) async fn list(
        &self,
        client: &kube::Client,
        whole: &Whole,
    ) -> Result<Loaded<'static>, CommandError> {
        let scope = match &self.namespace {
            _ if self.all_namespaces => Scope::All,
            Some(namespace) => Scope::Namespace(namespace.clone()),
            None => Scope::Namespace(client.default_namespace().to_owned()),
        };
        let mut loaded = input::list(client, &scope, whole)
            .await
            .context("cannot list the cluster's objects")?;
        let namespace = self.namespace.as_deref();
        let namespace = namespace.unwrap_or(client.default_namespace());
        input::add_exceptions(&mut loaded, &self.exceptions, namespace);
        Ok(self.selected(loaded))
    }

    /// Connects to the cluster.
    pub(super) async fn connect(&self) -> Result<kube::Client, CommandError> {
        let connection = Connection {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
        };
        Ok(input::connect(&connection).await.context(
            "no cluster to judge: name files with -f, or a cluster with --kubeconfig and --context",
        )?)
    }

    fn selected<'a>(&self, mut loaded: Loaded<'a>) -> Loaded<'a> {
        if let Some(selector) = &self.selector {
            loaded
                .subjects
                .retain(|subject| selector.matches(&subject.workload.metadata.labels));
            // Who asks for some workloads asks for nothing of the namespace as a whole.
            loaded.namespaces.clear();
        }
        loaded
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

/// The policies of a file.
pub(super) fn policies_in(path: &Path) -> Result<Vec<Policy>, CommandError> {
    input::policies_in(path).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        CommandError::Usage(errors.join("\nerror: "))
    })
}

/// A policy by name in the cluster, or the policies of a file.
pub(super) async fn policies_named(
    named: &str,
    client: &kube::Client,
) -> Result<Vec<Policy>, CommandError> {
    if Path::new(named).is_file() {
        return policies_in(Path::new(named));
    }
    let written = input::policy(client, named)
        .await
        .with_context(|| format!("cannot read the policy {named}"))?
        .ok_or_else(|| {
            CommandError::Usage(format!(
                "--policy {named}: there is no such file, and no such policy in the cluster"
            ))
        })?;
    let policy = written.compile().map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        CommandError::Usage(format!("--policy {named}: {}", mistakes.join("; ")))
    })?;
    Ok(vec![policy])
}

/// The cluster's policies that can be used. One that cannot says so in its own status; the operator passes it
/// over too.
pub(super) async fn policies_of(client: &kube::Client) -> Result<Vec<Policy>, CommandError> {
    let policies = input::policies(client)
        .await
        .context("cannot list the cluster's policies")?;
    let usable = policies.iter().filter_map(|policy| policy.compile().ok());
    Ok(usable.collect())
}

/// Policies to come, with those of before that none of them replaces: these keep their precedence over the new ones, as they
/// would in the cluster.
pub(super) fn with_those_that_stay(before: &[Policy], after: Vec<Policy>) -> Vec<Policy> {
    let stay: Vec<Policy> = before
        .iter()
        .filter(|old| !after.iter().any(|new| new.name == old.name))
        .cloned()
        .collect();
    stay.into_iter().chain(after).collect()
}

/// A single policy judges all, whatever it selects; of several each judges what it selects.
pub(super) fn judges(mut policies: Vec<Policy>) -> Judges {
    match (policies.pop(), policies.is_empty()) {
        (Some(only), true) => Judges::One(Box::new(only)),
        (last, _) => {
            policies.extend(last);
            Judges::Governing(Box::new(policies.into_iter().collect()))
        }
    }
}
