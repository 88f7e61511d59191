//! What of a baseline is paid: no longer wrong, so that it must not come back.

use super::scope::fits;
use crate::{
    judge::{CheckResult, Judgement},
    object::exception::ReadinessException,
    subject::Subject,
};

/// The checks of a baseline that do not fail for a subject any more; nothing for other exceptions. `judgement` is the one
/// without exceptions. What cannot be told is not paid, nor is what nobody asks, nor anything of an object that is
/// going: it may be made again.
pub(super) fn paid(
    exception: &ReadinessException,
    subject: Subject<'_>,
    judgement: &Judgement,
) -> Box<[String]> {
    if !exception.is_baseline() || is_going(subject) {
        return Box::default();
    }
    let named = exception.spec.checks.iter();
    named
        .filter(|id| is_paid(exception, subject, judgement, id))
        .cloned()
        .collect()
}

fn is_going(subject: Subject<'_>) -> bool {
    match subject {
        Subject::Workload(workload) => workload.metadata.deletion_timestamp.is_some(),
        Subject::Namespace(_) => false,
    }
}

fn is_paid(
    exception: &ReadinessException,
    subject: Subject<'_>,
    judgement: &Judgement,
    id: &str,
) -> bool {
    let mut outcomes = judgement.outcomes.iter();
    let Some(outcome) = outcomes.find(|outcome| outcome.question.id() == id) else {
        return false;
    };
    match &outcome.result {
        CheckResult::Passed | CheckResult::DoesNotApply => true,
        CheckResult::Failed {
            findings, untold, ..
        } => {
            *untold == 0
                && !findings
                    .iter()
                    .any(|finding| fits(&exception.spec, subject, id, finding))
        }
        CheckResult::Unknown(_) | CheckResult::Forgiven => false,
    }
}
