//! Cells of a table: what is sent, what must come of it, and whether it did.

use futures::{StreamExt as _, stream};
use kube::Client;

use super::settings::Setting;
use crate::support::{
    Operator,
    request::{Answer, Sent},
};

/// How many requests are under way at a time.
const AT_A_TIME: usize = 8;

/// What must come of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The gate is not asked, and nobody is told anything.
    NeverAsked,
    /// The gate is asked and says nothing.
    Allowed,
    /// It is stored, with warnings.
    Warned,
    /// It is not stored.
    Denied,
}

impl Expected {
    /// What the operator logs; nothing where it is not asked.
    fn decision(self) -> Option<&'static str> {
        match self {
            Self::NeverAsked => None,
            Self::Allowed => Some("allowed"),
            Self::Warned => Some("warned"),
            Self::Denied => Some("denied"),
        }
    }

    /// Whether who sent a request sees that, or what they see instead.
    pub(super) fn is_seen_in(self, answer: &Answer) -> Result<(), String> {
        let is_denied = answer.status == 403
            && answer.message().contains("denied the request: ")
            && answer.message().contains(" is not ready by policy ");
        let is_as_expected = match self {
            Self::NeverAsked | Self::Allowed => answer.is_success() && answer.warnings.is_empty(),
            Self::Warned => answer.is_success() && !answer.warnings.is_empty(),
            Self::Denied => is_denied,
        };
        if is_as_expected {
            return Ok(());
        }
        let (status, warnings, message) = (answer.status, &answer.warnings, answer.message());
        Err(format!("{status} {warnings:?} {message}"))
    }
}

/// One cell: requests, sent one after the other, of which each must have the same answer.
pub(super) struct Cell {
    /// What is tried, for people.
    pub(super) what: String,
    pub(super) requests: Vec<Sent>,
    pub(super) expected: Expected,
    /// What arrives where it does, as `CREATE Deployment web`.
    pub(super) arrives: String,
}

impl Cell {
    async fn wrong(&self, client: &Client) -> Vec<String> {
        let mut wrong = Vec::new();
        for request in &self.requests {
            let answer = request.send(client).await;
            if let Err(seen) = self.expected.is_seen_in(&answer) {
                let (what, expected) = (&self.what, self.expected);
                wrong.push(format!("{what}: expected {expected:?}, seen {seen}"));
            }
        }
        wrong
    }
}

/// Sends what all cells of a setting hold, and returns what is not as it must be: the answers, and the requests
/// that reached the gate, of which there must be none beside those of the cells.
pub(super) async fn wrong(
    client: &Client,
    operator: &Operator,
    setting: Setting,
    cells: &[Cell],
) -> Vec<String> {
    let answers = stream::iter(cells).map(|cell| cell.wrong(client));
    let answers: Vec<Vec<String>> = answers.buffer_unordered(AT_A_TIME).collect().await;
    let mut wrong = answers.concat();
    wrong.extend(wrongly_asked(operator, setting, cells));
    let named = |told: String| format!("{setting:?}: {told}");
    wrong.into_iter().map(named).collect()
}

fn wrongly_asked(operator: &Operator, setting: Setting, cells: &[Cell]) -> Vec<String> {
    let entry = setting.entry().unwrap_or("none");
    let wanted = cells.iter().filter_map(|cell| {
        let decision = cell.expected.decision()?;
        Some(format!("{} by {entry}: {decision}", cell.arrives))
    });
    let mut missing: Vec<String> = wanted.collect();
    let mut wrong = Vec::new();
    for review in operator.reviews(setting.namespace()) {
        if review.name == "canary" {
            continue;
        }
        let (operation, kind, name) = (&review.operation, &review.kind, &review.name);
        let (entry, decision) = (&review.entry, &review.decision);
        let found = format!("{operation} {kind} {name} by {entry}: {decision}");
        match missing.iter().position(|wanted| *wanted == found) {
            Some(at) => drop(missing.swap_remove(at)),
            None => wrong.push(format!("arrived, and must not have: {found}")),
        }
    }
    wrong.extend(
        missing
            .into_iter()
            .map(|wanted| format!("never arrived: {wanted}")),
    );
    wrong
}
