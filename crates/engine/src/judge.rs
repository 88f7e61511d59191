//! Asks every check of a policy about a workload, or about a namespace.

use crate::{
    api::vocabulary::Severity,
    check::{Answer, Ask, Asked, AskedNamespace, Check, Containers, Fault, Settings},
    object::Container,
    policy::{Policy, Setting, Switch},
    role::{Inferred, role_of},
    subject::Subject,
    surroundings::Surroundings,
};

/// What every check of a policy said about a workload, in the order of the catalogue.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// One entry per check.
    pub outcomes: Vec<Outcome>,
    /// What part the workload plays; none for a namespace.
    pub role: Option<Inferred>,
}

/// What one check said.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The check.
    pub check: &'static Check,
    /// What it weighs in the score.
    pub weight: u32,
    /// Its answer over all it asked.
    pub result: CheckResult,
}

/// The answer of a check over all it asked.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckResult {
    /// All is well.
    Passed,
    /// Something is wrong; `passed` of `asked` were well.
    Failed {
        /// What is wrong, in the order of the object.
        findings: Vec<Finding>,
        /// How many of those asked were well.
        passed: u32,
        /// How many were asked and could be told.
        asked: u32,
    },
    /// The question makes no sense here.
    DoesNotApply,
    /// It cannot be told, with why. Never counted as passed.
    Unknown(String),
    /// It failed, and the policy has turned the check off.
    Forgiven,
}

/// One thing that is wrong, with the severity in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Where, what, and how to mend it.
    pub fault: Fault,
    /// The severity in force: the policy's, else the fault's own, else the check's.
    pub severity: Severity,
}

/// Judges a workload or a namespace by a policy. Checks of the other sort are not asked.
pub fn judge<'a>(
    subject: impl Into<Subject<'a>>,
    surroundings: Surroundings<'a>,
    policy: &'a Policy,
) -> Judgement {
    let subject = subject.into();
    let outcomes = policy
        .settings
        .iter()
        .filter_map(|setting| outcome(setting, subject, surroundings))
        .collect();
    let role = match subject {
        Subject::Workload(workload) => Some(role_of(workload, &surroundings)),
        Subject::Namespace(_) => None,
    };
    Judgement { outcomes, role }
}

impl Judgement {
    /// Every finding with its check, in the order of the catalogue.
    pub fn findings(&self) -> impl Iterator<Item = (&'static Check, &Finding)> {
        self.outcomes.iter().flat_map(|outcome| {
            let findings = match &outcome.result {
                CheckResult::Failed { findings, .. } => findings.as_slice(),
                _ => &[],
            };
            findings.iter().map(|finding| (outcome.check, finding))
        })
    }

    /// The gravest severity among the findings.
    pub fn gravest(&self) -> Option<Severity> {
        self.findings().map(|(_, finding)| finding.severity).max()
    }
}

fn outcome(
    setting: &Setting,
    subject: Subject<'_>,
    surroundings: Surroundings<'_>,
) -> Option<Outcome> {
    let check = setting.check;
    let settings = Settings::new(check, &setting.parameters);
    let asked = |workload| Asked::new(settings, workload, surroundings);
    let result = match (check.ask, subject) {
        (Ask::Workload(ask) | Ask::Surroundings(ask), Subject::Workload(workload)) => {
            of_one(ask(&asked(workload)), setting)
        }
        (Ask::Containers(containers, ask), Subject::Workload(workload)) => {
            of_containers(containers, ask, &asked(workload), setting)
        }
        (Ask::Namespace(ask), Subject::Namespace(_)) => {
            of_one(ask(&AskedNamespace::new(settings, surroundings)), setting)
        }
        (Ask::Namespace(_), Subject::Workload(_)) | (_, Subject::Namespace(_)) => return None,
    };
    let result = match (result, setting.switch) {
        (CheckResult::Failed { .. }, Switch::Off) => CheckResult::Forgiven,
        (result, _) => result,
    };
    Some(Outcome {
        check,
        weight: setting.weight,
        result,
    })
}

fn of_one(answer: Answer, setting: &Setting) -> CheckResult {
    match answer {
        Answer::Passes => CheckResult::Passed,
        Answer::Fails(faults) => CheckResult::Failed {
            findings: findings(faults, setting),
            passed: 0,
            asked: 1,
        },
        Answer::DoesNotApply => CheckResult::DoesNotApply,
        Answer::Unknown(why) => CheckResult::Unknown(why),
    }
}

fn of_containers(
    containers: Containers,
    ask: fn(&Container<'_>, &Asked<'_>) -> Answer,
    asked: &Asked<'_>,
    setting: &Setting,
) -> CheckResult {
    let (mut passed, mut failed) = (0, 0);
    let mut unknown = None;
    let mut found = Vec::new();
    for container in asked
        .workload
        .containers()
        .filter(|container| containers.include(asked.workload, container))
    {
        match ask(&container, asked) {
            Answer::Passes => passed += 1,
            Answer::Fails(faults) => {
                failed += 1;
                found.extend(findings(faults, setting));
            }
            Answer::DoesNotApply => {}
            Answer::Unknown(why) => unknown = unknown.or(Some(why)),
        }
    }
    match (failed, unknown, passed) {
        (1.., _, _) => CheckResult::Failed {
            findings: found,
            passed,
            asked: passed + failed,
        },
        (0, Some(why), _) => CheckResult::Unknown(why),
        (0, None, 0) => CheckResult::DoesNotApply,
        (0, None, 1..) => CheckResult::Passed,
    }
}

fn findings(faults: Vec<Fault>, setting: &Setting) -> Vec<Finding> {
    let in_force = |fault: &Fault| {
        setting
            .severity
            .or(fault.severity)
            .unwrap_or(setting.check.severity)
    };
    faults
        .into_iter()
        .map(|fault| Finding {
            severity: in_force(&fault),
            fault,
        })
        .collect()
}
