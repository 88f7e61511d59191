//! What the gate would say of what is there already.

use jiff::Timestamp;
use prodready_engine::{
    gate::{self, Case, Objections},
    judge::Judgement,
    policy::Policy,
    subject::Subject,
    surroundings::Surroundings,
};

use crate::webhook::review::reach;

/// Why the gate would deny it if it were made now.
pub(super) fn objections(
    subject: Subject<'_>,
    surroundings: Surroundings<'_>,
    policy: &Policy,
    now: Timestamp,
    judgement: &Judgement,
) -> Objections {
    match subject {
        Subject::Namespace(_) => gate::objections(judgement, policy),
        Subject::Workload(workload) => {
            let case = Case {
                workload,
                surroundings,
                policy,
                reach: reach(workload),
                now,
            };
            gate::objections_if_made(&case, judgement)
        }
    }
}
