//! `prodready baseline`: exceptions for what a policy would deny and was there before it.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    path::Path,
};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::{Api, Client, api::PostParams};
use prodready_engine::{
    api::exception::ReadinessException,
    baseline::{Extent, Note, Wish, baseline, last_midnight},
    policy::{Policy, whole_for},
};

use super::{
    CommandError, Outcome,
    target::{Target, policies_in, policies_named, policies_of, with_those_that_stay},
};
use crate::{audit::Judges, input::Loaded};

#[derive(Debug, Args)]
#[command(
    after_help = "Prints ReadinessExceptions with the label prodready.dev/baseline for each workload that would be denied if it were made anew, so that it may be deleted and made again as it is: kubectl apply -f the output, and have it approved. The operator takes out what is mended, and it does not come back. The same workloads give the same exceptions. Exit codes: 0 printed, or nothing to print, 2 an error of usage or input."
)]
pub(super) struct BaselineArguments {
    #[command(flatten)]
    target: Target,
    /// The policy to keep the past from: a file, or the name of one in the cluster; it counts for what it selects
    /// [default: the cluster's policies; files need one]
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,
    /// Keep every finding, not only those that would deny
    #[arg(long)]
    all_findings: bool,
    /// The end of the exceptions, such as 2027-03-31T00:00:00Z or 30d; the policy caps it [default: that of an exception
    /// which is there, else the last midnight that the policy allows, or the end of its ratchet]
    #[arg(long, value_name = "TIME|DAYS", value_parser = end)]
    expires: Option<End>,
    /// Why, in at least 20 characters [default: that it was there before the policy]
    #[arg(long, value_parser = reason)]
    reason: Option<String>,
    /// Where it is talked about
    #[arg(long)]
    ticket: Option<String>,
    /// The user name of whoever applies the exceptions [default: who the cluster says you are]
    #[arg(long, value_name = "NAME")]
    requested_by: Option<String>,
    /// Approve them too, in the same name; that takes the verb approve on readinessexceptions
    #[arg(long)]
    approve: bool,
}

/// An end, as somebody writes it.
#[derive(Clone, Copy, Debug)]
enum End {
    At(Timestamp),
    Days(u16),
}

fn end(text: &str) -> Result<End, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
    match (days, text.parse()) {
        (Some(days), _) => Ok(End::Days(days)),
        (None, Ok(moment)) => Ok(End::At(moment)),
        (None, Err(_)) => Err("write a time as 2027-03-31T00:00:00Z, or days as 30d".to_owned()),
    }
}

fn reason(text: &str) -> Result<String, String> {
    if text.chars().count() < 20 {
        return Err("say why in at least 20 characters".to_owned());
    }
    Ok(text.to_owned())
}

impl End {
    /// Days end at midnight (UTC), so that a second run on the same day says the same.
    fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Days(days) => last_midnight(now, days),
        }
    }
}

pub(super) fn run(
    arguments: &BaselineArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    if arguments.target.is_files() {
        return arguments.of_files(out);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (loaded, policies, name) = runtime.block_on(async {
        let client = arguments.target.connect().await?;
        let policies = arguments.policies_of_cluster(&client).await?;
        let whole = whole_for(&policies.all);
        let loaded = arguments.target.list(&client, &whole).await?;
        let name = match &arguments.requested_by {
            Some(name) => name.clone(),
            None => own_name(&client).await?,
        };
        Ok::<_, CommandError>((loaded, policies, name))
    })?;
    arguments.finish(&loaded, policies, Some(&name), out)
}

/// Who the API server takes us for.
async fn own_name(client: &Client) -> Result<String, CommandError> {
    let api: Api<SelfSubjectReview> = Api::all(client.clone());
    let review = api
        .create(&PostParams::default(), &SelfSubjectReview::default())
        .await
        .context("cannot ask the cluster who you are: say it with --requested-by")?;
    let user = review.status.and_then(|status| status.user_info);
    let name = user.and_then(|user| user.username);
    Ok(name.context("the cluster does not say who you are: say it with --requested-by")?)
}

/// The policies that there are, and those from which the past is to be kept.
struct Policies {
    all: Vec<Policy>,
    meant: BTreeSet<String>,
}

impl Policies {
    fn all(all: Vec<Policy>) -> Self {
        let meant = all.iter().map(|policy| policy.name.to_string()).collect();
        Self { all, meant }
    }
}

impl BaselineArguments {
    fn of_files(&self, out: &mut dyn io::Write) -> Result<Outcome, CommandError> {
        let Some(file) = &self.policy else {
            let told = "--policy FILE: say which policy the files are to be judged by";
            return Err(CommandError::Usage(told.to_owned()));
        };
        if self.approve && self.requested_by.is_none() {
            let told = "--approve: say in whose name with --requested-by";
            return Err(CommandError::Usage(told.to_owned()));
        }
        let policies = Policies::all(policies_in(Path::new(file))?);
        let gathered = self.target.gather();
        let mut loaded = self
            .target
            .load(&gathered.sources, &whole_for(&policies.all));
        loaded.add_errors(gathered.errors);
        self.finish(&loaded, policies, self.requested_by.as_deref(), out)
    }

    async fn policies_of_cluster(&self, client: &Client) -> Result<Policies, CommandError> {
        let there = policies_of(client).await?;
        let Some(named) = &self.policy else {
            return Ok(Policies::all(there));
        };
        let named = policies_named(named, client).await?;
        let Policies { meant, .. } = Policies::all(named.clone());
        let all = with_those_that_stay(&there, named);
        Ok(Policies { all, meant })
    }

    fn finish(
        &self,
        loaded: &Loaded<'_>,
        policies: Policies,
        name: Option<&str>,
        out: &mut dyn io::Write,
    ) -> Result<Outcome, CommandError> {
        let now = self.target.now();
        let expires = self.expires.map(|end| end.moment(now));
        if expires.is_some_and(|end| end <= now) {
            let told = "--expires: that is over already";
            return Err(CommandError::Usage(told.to_owned()));
        }
        let wish = Wish {
            extent: if self.all_findings {
                Extent::All
            } else {
                Extent::Denying
            },
            expires,
            reason: self.reason.as_deref(),
            ticket: self.ticket.as_deref(),
            requested_by: name,
            approved_by: name.filter(|_| self.approve),
            now,
        };
        let (exceptions, notes) = exceptions(loaded, policies, &wish);
        for exception in &exceptions {
            let yaml = serde_saphyr::to_string(exception);
            let yaml = yaml.map_err(|err| CommandError::Yaml(err.to_string()))?;
            write!(out, "---\n{yaml}")?;
        }
        out.flush()?;
        tell(loaded, &exceptions, &notes)?;
        Ok(if loaded.errors.is_empty() {
            Outcome::Good
        } else {
            Outcome::InputErrors
        })
    }
}

/// The exceptions of all workloads, by namespace and name, and what is to be said about them.
fn exceptions(
    loaded: &Loaded<'_>,
    policies: Policies,
    wish: &Wish<'_>,
) -> (Vec<ReadinessException>, BTreeSet<Note>) {
    let Policies { all, meant } = policies;
    let judges = Judges::Governing(Box::new(all.into_iter().collect()));
    let mut exceptions = Vec::new();
    let mut notes = BTreeSet::new();
    for subject in &loaded.subjects {
        let workload = &subject.workload;
        let policy = judges.policy(&loaded.cluster, workload);
        let Some(policy) = policy.filter(|policy| meant.contains(policy.name.as_ref())) else {
            continue;
        };
        let around = loaded.cluster.around(&workload.metadata.namespace);
        let made = baseline(workload, around, policy, wish);
        exceptions.extend(made.exceptions);
        notes.extend(made.notes);
    }
    exceptions.sort_by(|one, other| {
        let key = |each: &ReadinessException| {
            (each.metadata.namespace.clone(), each.metadata.name.clone())
        };
        key(one).cmp(&key(other))
    });
    (exceptions, notes)
}

/// Tells on standard error what was made, and what stands in its way.
fn tell(
    loaded: &Loaded<'_>,
    exceptions: &[ReadinessException],
    notes: &BTreeSet<Note>,
) -> io::Result<()> {
    let mut err = anstream::stderr().lock();
    for error in &loaded.errors {
        writeln!(err, "error: {error}")?;
    }
    for note in notes {
        writeln!(err, "note: {note}")?;
    }
    let workloads: BTreeSet<String> = exceptions
        .iter()
        .flat_map(|exception| {
            let namespace = exception.metadata.namespace.as_deref().unwrap_or_default();
            let named = exception.spec.workloads.iter();
            named.map(move |each| format!("{namespace}/{}/{}", each.kind.as_str(), each.name))
        })
        .collect();
    let unapproved = exceptions
        .iter()
        .filter(|exception| exception.spec.approved_by.is_none())
        .count();
    writeln!(
        err,
        "note: exceptions: {}, of workloads: {}, to be approved: {unapproved}",
        exceptions.len(),
        workloads.len()
    )
}
