//! Counts a judgement: score, categories, verdict, and what each finding costs.

use crate::{
    api::vocabulary::{Category, Severity, Verdict},
    judge::{CheckResult, Judgement, Outcome},
    policy::Thresholds,
};

/// Which rules counted. It changes whenever the same findings would give another number.
pub const SCORING_VERSION: &str = "1";

/// What a category can reach.
pub const CATEGORY_MAX: i32 = 20;

/// The counts of a judgement. Made only by [`score`].
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// 0 to 100, rounded down so that 100 means that nothing is left; absent where no check applied.
    pub total: Option<u8>,
    /// Ready or not.
    pub verdict: Verdict,
    /// The categories in which a check applied, in the order of [`Category::ALL`].
    pub categories: Vec<CategoryTotal>,
    /// What each finding costs, in hundredths of a point of the total, in the order of
    /// [`Judgement::findings`]. Together with the total they make exactly 100.
    pub costs: Vec<u32>,
}

/// The count of one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategoryTotal {
    /// The category.
    pub category: Category,
    /// 0 to 2000: hundredths of a point out of 20, rounded down.
    pub hundredths: u32,
}

/// Counts a judgement.
pub fn score(judgement: &Judgement, thresholds: Thresholds) -> Scored {
    let whole = Tally::of(judgement.outcomes.iter());
    let total = whole
        .share(100)
        .map(|share| u8::try_from(share).unwrap_or(100));
    Scored {
        total,
        verdict: verdict(total, judgement.gravest(), thresholds),
        categories: categories(judgement),
        costs: costs(judgement, total.unwrap_or(100)),
    }
}

/// The verdict on a score. No score fails no threshold, and reaches none that must be reached.
fn verdict(total: Option<u8>, gravest: Option<Severity>, thresholds: Thresholds) -> Verdict {
    if gravest == Some(Severity::Critical) {
        return Verdict::DoNotLaunch;
    }
    let at_least = |threshold| total.is_some_and(|total| total >= threshold);
    if total.is_some_and(|total| total < thresholds.production) {
        Verdict::NotReady
    } else if at_least(thresholds.scale) && gravest < Some(Severity::High) {
        Verdict::ReadyForScale
    } else {
        Verdict::Ready
    }
}

fn categories(judgement: &Judgement) -> Vec<CategoryTotal> {
    let of = |category| {
        judgement
            .outcomes
            .iter()
            .filter(move |outcome| outcome.question.category() == category)
    };
    let total = |category| {
        let share = Tally::of(of(category)).share(u64::from(CATEGORY_MAX.unsigned_abs()) * 100)?;
        Some(CategoryTotal {
            category,
            hundredths: u32::try_from(share).unwrap_or(u32::MAX),
        })
    };
    Category::ALL.into_iter().filter_map(total).collect()
}

/// Weights in units fine enough for the parts of every check that passed in part.
struct Tally {
    passed: u64,
    applicable: u64,
}

/// One unit of weight. 720 720 is divisible by every number of containers up to 16; beyond that a part
/// is rounded down by less than a millionth.
const UNIT: u64 = 720_720;

impl Tally {
    fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Self {
        let counted = outcomes
            .filter_map(|outcome| parts(outcome).map(|part| (u64::from(outcome.weight), part)));
        counted.fold(
            Self {
                passed: 0,
                applicable: 0,
            },
            |tally, (weight, (passed, asked))| Self {
                passed: tally.passed + weight * UNIT * u64::from(passed) / u64::from(asked),
                applicable: tally.applicable + weight * UNIT,
            },
        )
    }

    /// `of` × passed ÷ applicable, rounded down.
    fn share(&self, of: u64) -> Option<u64> {
        (self.applicable > 0).then(|| of * self.passed / self.applicable)
    }
}

/// How many parts of a check were well, and how many there are; none where it does not count.
fn parts(outcome: &Outcome) -> Option<(u32, u32)> {
    match &outcome.result {
        CheckResult::Passed => Some((1, 1)),
        CheckResult::Failed { passed, asked, .. } => Some((*passed, *asked)),
        CheckResult::DoesNotApply | CheckResult::Unknown(_) | CheckResult::Forgiven => None,
    }
}

/// Shares what is missing to 100 among the findings, by largest remainder, so that the parts add up.
fn costs(judgement: &Judgement, total: u8) -> Vec<u32> {
    let missing = u64::from(100 - total.min(100)) * 100;
    let lost = lost_weights(judgement);
    let sum: u64 = lost.iter().sum();
    if sum == 0 {
        return vec![0; lost.len()];
    }
    let mut costs: Vec<u64> = lost.iter().map(|weight| missing * weight / sum).collect();
    let mut by_remainder: Vec<usize> = (0..lost.len()).collect();
    by_remainder.sort_by_key(|index| std::cmp::Reverse(missing * lost[*index] % sum));
    let rest = missing - costs.iter().sum::<u64>();
    for index in by_remainder
        .into_iter()
        .take(usize::try_from(rest).unwrap_or(0))
    {
        costs[index] += 1;
    }
    costs
        .into_iter()
        .map(|cost| u32::try_from(cost).unwrap_or(u32::MAX))
        .collect()
}

/// What each finding takes away, in units of weight: a check's loss is shared by its findings.
fn lost_weights(judgement: &Judgement) -> Vec<u64> {
    let mut lost = Vec::new();
    for outcome in &judgement.outcomes {
        if let CheckResult::Failed {
            findings,
            passed,
            asked: of,
            ..
        } = &outcome.result
        {
            let whole = u64::from(outcome.weight) * UNIT * u64::from(of - passed) / u64::from(*of);
            let each = whole / u64::try_from(findings.len().max(1)).unwrap_or(1);
            lost.extend(std::iter::repeat_n(each, findings.len()));
        }
    }
    lost
}
