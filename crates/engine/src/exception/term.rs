//! Whether an exception counts at a moment.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::{
    api::vocabulary::Severity, object::exception::ReadinessException, policy::ExceptionTerms,
};

/// From so long before its end on, an exception is warned about.
const WARNED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Whether an exception counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    InForce(Grounds),
    /// Its moment has come.
    Expired,
    /// It lasts longer than the policy allows.
    TooLong {
        /// How many days the policy allows.
        max_days: u16,
    },
    /// Nobody approved it, and the policy asks for that.
    NotApproved,
}

/// What an exception counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// Somebody with the right to do so approved it.
    Approved,
    /// The policy lets it count without.
    WithoutApproval,
}

impl Standing {
    /// Whether it forgives.
    pub fn is_in_force(self) -> bool {
        matches!(self, Self::InForce(_))
    }

    /// Whether it can forgive a finding of this severity: what the policy lets count without approval stops at a
    /// severity, and a finding may be graver than its check.
    pub(super) fn reaches(self, severity: Severity, terms: ExceptionTerms) -> bool {
        let Self::InForce(Grounds::WithoutApproval) = self else {
            return true;
        };
        terms
            .without_approval
            .is_some_and(|allowed| severity <= allowed.max_severity)
    }

    /// The same as one word for programs.
    pub fn reason(self) -> &'static str {
        match self {
            Self::InForce(Grounds::Approved) => "Approved",
            Self::InForce(Grounds::WithoutApproval) => "ApprovalNotNeeded",
            Self::Expired => "Expired",
            Self::TooLong { .. } => "TooLong",
            Self::NotApproved => "NotApproved",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InForce(Grounds::Approved) => formatter.write_str("it is approved"),
            Self::InForce(Grounds::WithoutApproval) => {
                formatter.write_str("the policy asks for no approval of it")
            }
            Self::Expired => formatter.write_str("it has expired"),
            Self::TooLong { max_days: 0 } => formatter.write_str("the policy allows no exceptions"),
            Self::TooLong { max_days } => {
                write!(
                    formatter,
                    "it lasts longer than the {max_days} days that the policy allows"
                )
            }
            Self::NotApproved => formatter.write_str("nobody has approved it (spec.approvedBy)"),
        }
    }
}

/// Whether an exception's end has come: at that very moment it has. This is the only place that decides it.
pub fn has_expired(exception: &ReadinessException, now: Timestamp) -> bool {
    now >= exception.spec.expiration_time
}

/// The last moment at which an exception has not expired.
pub(super) fn last_moment(exception: &ReadinessException) -> Timestamp {
    let end = exception.spec.expiration_time;
    end.checked_sub(SignedDuration::from_nanos(1))
        .unwrap_or(end)
}

/// Whether an exception counts at a moment, under the terms of the policy that governs the workload; `gravest` is
/// the gravest severity among the checks that it names. One without a time of creation, as in a file, is as old as the
/// moment.
pub fn standing(
    exception: &ReadinessException,
    terms: ExceptionTerms,
    gravest: Severity,
    now: Timestamp,
) -> Standing {
    if has_expired(exception, now) {
        return Standing::Expired;
    }
    let end = exception.spec.expiration_time;
    let length = end.duration_since(exception.created_at().unwrap_or(now));
    if length > days(terms.max_days) {
        return Standing::TooLong {
            max_days: terms.max_days,
        };
    }
    if exception.spec.approved_by.is_some() {
        return Standing::InForce(Grounds::Approved);
    }
    match terms.without_approval {
        Some(allowed) if gravest <= allowed.max_severity && length <= days(allowed.max_days) => {
            Standing::InForce(Grounds::WithoutApproval)
        }
        _ => Standing::NotApproved,
    }
}

/// Whether an exception is so near its end that it is warned about.
pub fn ends_soon(exception: &ReadinessException, now: Timestamp) -> bool {
    let left = exception.spec.expiration_time.duration_since(now);
    !has_expired(exception, now) && left <= WARNED
}

/// The moments at which something about an exception changes by itself: from the first on it is warned about, at the
/// second it ends.
pub fn instants(exception: &ReadinessException) -> [Timestamp; 2] {
    let end = exception.spec.expiration_time;
    [end.checked_sub(WARNED).unwrap_or(end), end]
}

fn days(days: u16) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}
