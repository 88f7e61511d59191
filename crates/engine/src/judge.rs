//! Asks every check of a policy about a workload, or about a namespace.

use std::sync::Arc;

use crate::{
    api::vocabulary::Severity,
    check::{Answer, Ask, Asked, AskedNamespace, Containers, Fault, Settings},
    exception::Excepted,
    facts::Facts,
    object::{Container, Workload},
    policy::{Policy, Setting, Switch},
    question::Question,
    role::Inferred,
    rule::{Rule, Scene},
    subject::Subject,
    surroundings::Surroundings,
};

/// What every check of a policy said about a workload, in the order of the catalogue, then each of its own rules.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// One entry per check and rule.
    pub outcomes: Vec<Outcome>,
    /// What part the workload plays; none for a namespace, and where only some checks were asked.
    pub role: Option<Inferred>,
    /// What exceptions do here; nothing before [`crate::exception::honour`].
    pub exceptions: Excepted,
}

/// What one check or rule said.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which it was.
    pub question: Question,
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
        /// How many were asked and could not be told; they count in nothing.
        untold: u32,
    },
    /// The question makes no sense here.
    DoesNotApply,
    /// It cannot be told, with why. Never counted as passed.
    Unknown(String),
    /// It failed, and the policy has turned the check off, or exceptions forgive all of it.
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

/// Judges a workload or a namespace by a policy, as if there were no exceptions. Checks of the other sort are not
/// asked.
pub fn judge<'a>(
    subject: impl Into<Subject<'a>>,
    surroundings: Surroundings<'a>,
    policy: &'a Policy,
) -> Judgement {
    match subject.into() {
        Subject::Workload(workload) => {
            let facts = Facts::new(workload, surroundings);
            Judgement {
                outcomes: of_workload(&facts, None, policy, |_| true),
                role: Some(facts.role().clone()),
                exceptions: Excepted::default(),
            }
        }
        Subject::Namespace(_) => of_namespace(surroundings, policy),
    }
}

/// Judges a workload by the checks and rules of a policy that are wanted; the others are not asked and do not count.
/// `before` is the workload before a change, for rules that compare.
pub fn judge_by_some(
    workload: &Workload,
    before: Option<&Workload>,
    surroundings: Surroundings<'_>,
    policy: &Policy,
    wanted: impl Fn(&Question) -> bool,
) -> Judgement {
    let facts = Facts::new(workload, surroundings);
    Judgement {
        outcomes: of_workload(&facts, before, policy, wanted),
        role: None,
        exceptions: Excepted::default(),
    }
}

fn of_workload<'a>(
    facts: &'a Facts<'a>,
    before: Option<&'a Workload>,
    policy: &'a Policy,
    wanted: impl Fn(&Question) -> bool,
) -> Vec<Outcome> {
    let settings_wanted = policy
        .settings
        .iter()
        .filter(|setting| wanted(&setting.check.into()));
    let outcomes = settings_wanted.filter_map(|setting| {
        let asked = Asked::new(settings(setting), facts);
        let result = match setting.check.ask {
            Ask::Workload(ask) | Ask::Surroundings(ask) => of_one(ask(&asked), setting),
            Ask::Containers(containers, ask) => of_containers(containers, ask, &asked, setting),
            Ask::Namespace(_) => return None,
        };
        Some(outcome(setting, result))
    });
    let mut outcomes: Vec<Outcome> = outcomes.collect();
    if !policy.rules.is_empty() {
        let scene = Scene::new(facts, before);
        let rules = policy.rules.iter();
        let rules = rules.filter(|rule| wanted(&Question::Rule(Arc::clone(rule))));
        outcomes.extend(rules.map(|rule| of_rule(rule, &scene)));
    }
    outcomes
}

fn of_namespace(surroundings: Surroundings<'_>, policy: &Policy) -> Judgement {
    let outcomes = policy.settings.iter().filter_map(|setting| {
        let Ask::Namespace(ask) = setting.check.ask else {
            return None;
        };
        let asked = AskedNamespace::new(settings(setting), surroundings);
        Some(outcome(setting, of_one(ask(&asked), setting)))
    });
    Judgement {
        outcomes: outcomes.collect(),
        role: None,
        exceptions: Excepted::default(),
    }
}

fn settings(setting: &Setting) -> Settings<'_> {
    Settings::new(setting.check, &setting.parameters)
}

impl Judgement {
    /// Every finding with its check or rule, in the order of the outcomes.
    pub fn findings(&self) -> impl Iterator<Item = (&Question, &Finding)> {
        self.outcomes.iter().flat_map(|outcome| {
            let findings = match &outcome.result {
                CheckResult::Failed { findings, .. } => findings.as_slice(),
                _ => &[],
            };
            findings.iter().map(|finding| (&outcome.question, finding))
        })
    }

    /// The gravest severity among the findings.
    pub fn gravest(&self) -> Option<Severity> {
        self.findings().map(|(_, finding)| finding.severity).max()
    }
}

fn outcome(setting: &Setting, result: CheckResult) -> Outcome {
    let result = match (result, setting.switch) {
        (CheckResult::Failed { .. }, Switch::Off) => CheckResult::Forgiven,
        (result, _) => result,
    };
    Outcome {
        question: setting.check.into(),
        weight: setting.weight,
        result,
    }
}

fn of_one(answer: Answer, setting: &Setting) -> CheckResult {
    of_all([answer], |faults| findings(faults, setting))
}

fn of_rule(rule: &Arc<Rule>, scene: &Scene<'_>) -> Outcome {
    let graded = |faults| of_severity(faults, |_| rule.severity);
    Outcome {
        question: Question::Rule(Arc::clone(rule)),
        weight: rule.weight,
        result: of_all(rule.ask(scene), graded),
    }
}

fn of_containers(
    containers: Containers,
    ask: fn(&Container<'_>, &Asked<'_>) -> Answer,
    asked: &Asked<'_>,
    setting: &Setting,
) -> CheckResult {
    let answers = asked
        .workload
        .containers()
        .filter(|container| containers.include(asked.workload, container))
        .map(|container| ask(&container, asked));
    of_all(answers, |faults| findings(faults, setting))
}

/// What several answers to one question come to: one failure is enough to fail, and what cannot be told is no pass.
fn of_all(
    answers: impl IntoIterator<Item = Answer>,
    graded: impl Fn(Vec<Fault>) -> Vec<Finding>,
) -> CheckResult {
    let (mut passed, mut failed, mut untold) = (0, 0, 0);
    let mut unknown = None;
    let mut found = Vec::new();
    for answer in answers {
        match answer {
            Answer::Passes => passed += 1,
            Answer::Fails(faults) => {
                failed += 1;
                found.extend(graded(faults));
            }
            Answer::DoesNotApply => {}
            Answer::Unknown(why) => {
                untold += 1;
                unknown = unknown.or(Some(why));
            }
        }
    }
    match (failed, unknown, passed) {
        (1.., _, _) => CheckResult::Failed {
            findings: found,
            passed,
            asked: passed + failed,
            untold,
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
    of_severity(faults, in_force)
}

fn of_severity(faults: Vec<Fault>, in_force: impl Fn(&Fault) -> Severity) -> Vec<Finding> {
    faults
        .into_iter()
        .map(|fault| Finding {
            severity: in_force(&fault),
            fault,
        })
        .collect()
}
