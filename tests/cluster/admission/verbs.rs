//! The table of kubectl's verbs: what each command prints for a person, and what of it reaches the gate.

use serde_json::{Value, json};

use crate::support::objects::deployment;

/// A Deployment in one of the forms of this table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing is wrong with it.
    Good,
    /// Privileged.
    Bad,
    /// Privileged, and otherwise another image.
    AsBad,
    /// Privileged, with a tag that moves.
    Worse,
}

impl Form {
    pub(super) fn object(self, namespace: &str, name: &str) -> Value {
        let mut object = deployment(namespace, name, self != Self::Good);
        object["spec"]["replicas"] = json!(0);
        let image = match self {
            Self::Good | Self::Bad => "shop/web:1.4.2",
            Self::AsBad => "shop/web:1.4.3",
            Self::Worse => "shop/web:latest",
        };
        object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
        object
    }
}

/// What a person sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The denial, with what is wrong, field and fix.
    Denied,
    /// It is done, and it is told what the ratchet let through.
    LetThrough,
    /// It is done, and nothing is told.
    Nothing,
    /// The API server itself refuses, because fields belong to somebody else.
    Conflict,
}

/// One command. `NAME` stands for the Deployment's name.
pub(super) struct Verb {
    pub(super) name: &'static str,
    /// The forms that the Deployment had before the policy came, one after the other.
    pub(super) before: &'static [Form],
    pub(super) command: &'static str,
    pub(super) input: Option<Form>,
    pub(super) seen: Seen,
    pub(super) arrives: &'static [&'static str],
}

pub(super) const CREATED: &[&str] = &["CREATE"];
const UPDATED: &[&str] = &["UPDATE"];
const NOTHING: &[&str] = &[];
pub(super) const BAD: &[Form] = &[Form::Bad];

/// A command that reads an object, and what comes of it.
pub(super) const fn of_input(
    name: &'static str,
    before: &'static [Form],
    command: &'static str,
    input: Form,
    seen: Seen,
    arrives: &'static [&'static str],
) -> Verb {
    Verb {
        name,
        before,
        command,
        input: Some(input),
        seen,
        arrives,
    }
}

/// A command that makes what it reads.
const fn create(name: &'static str, command: &'static str, input: Form, seen: Seen) -> Verb {
    of_input(name, &[], command, input, seen, CREATED)
}

/// A command that makes a bad Deployment what it reads.
const fn update(name: &'static str, command: &'static str, input: Form, seen: Seen) -> Verb {
    of_input(name, BAD, command, input, seen, UPDATED)
}

/// A command on a bad Deployment.
const fn on_bad(
    name: &'static str,
    command: &'static str,
    seen: Seen,
    arrives: &'static [&'static str],
) -> Verb {
    on(name, BAD, command, seen, arrives)
}

const fn on(
    name: &'static str,
    before: &'static [Form],
    command: &'static str,
    seen: Seen,
    arrives: &'static [&'static str],
) -> Verb {
    Verb {
        name,
        before,
        command,
        input: None,
        seen,
        arrives,
    }
}

const SERVER_SIDE: &str = "apply --server-side --field-manager=another -f -";
const BY_FORCE: &str = "apply --server-side --field-manager=another --force-conflicts -f -";

/// As Argo CD compares.
const BY_FORCE_IN_DRY_RUN: &str =
    "apply --server-side --field-manager=another --force-conflicts --dry-run=server -f -";

pub(super) const VERBS: [Verb; 43] = [
    create("create-bad", "create -f -", Form::Bad, Seen::Denied),
    create("create-good", "create -f -", Form::Good, Seen::Nothing),
    create(
        "create-dry",
        "create --dry-run=server -f -",
        Form::Bad,
        Seen::Denied,
    ),
    create("apply-new", "apply -f -", Form::Bad, Seen::Denied),
    create(
        "apply-new-dry",
        "apply --dry-run=server -f -",
        Form::Bad,
        Seen::Denied,
    ),
    create("server-side-new", SERVER_SIDE, Form::Bad, Seen::Denied),
    create("server-side-good", SERVER_SIDE, Form::Good, Seen::Nothing),
    on(
        "imperative",
        &[],
        "create deployment NAME --image=shop/web:latest",
        Seen::Denied,
        CREATED,
    ),
    update("apply-as-bad", "apply -f -", Form::AsBad, Seen::LetThrough),
    update("apply-worse", "apply -f -", Form::Worse, Seen::Denied),
    update(
        "apply-worse-dry",
        "apply --dry-run=server -f -",
        Form::Worse,
        Seen::Denied,
    ),
    update("apply-good", "apply -f -", Form::Good, Seen::Nothing),
    of_input(
        "server-side-conflict",
        BAD,
        SERVER_SIDE,
        Form::AsBad,
        Seen::Conflict,
        NOTHING,
    ),
    update("forced-as-bad", BY_FORCE, Form::AsBad, Seen::LetThrough),
    update("forced-worse", BY_FORCE, Form::Worse, Seen::Denied),
    update("forced-dry", BY_FORCE_IN_DRY_RUN, Form::Worse, Seen::Denied),
    update("diff-worse", "diff -f -", Form::Worse, Seen::Denied),
    update(
        "replace-as-bad",
        "replace -f -",
        Form::AsBad,
        Seen::LetThrough,
    ),
    update("replace-worse", "replace -f -", Form::Worse, Seen::Denied),
    update("replace-good", "replace -f -", Form::Good, Seen::Nothing),
    on_bad(
        "json-as-bad",
        r#"patch deployment NAME --type=json -p=[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"shop/web:1.4.3"}]"#,
        Seen::LetThrough,
        UPDATED,
    ),
    on_bad(
        "json-worse",
        r#"patch deployment NAME --type=json -p=[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"shop/web:latest"}]"#,
        Seen::Denied,
        UPDATED,
    ),
    on_bad(
        "json-good",
        r#"patch deployment NAME --type=json -p=[{"op":"remove","path":"/spec/template/spec/containers/0/securityContext"}]"#,
        Seen::Nothing,
        UPDATED,
    ),
    on_bad(
        "merge-as-bad",
        r#"patch deployment NAME --type=merge -p={"spec":{"paused":true}}"#,
        Seen::LetThrough,
        UPDATED,
    ),
    on_bad(
        "merge-worse",
        r#"patch deployment NAME --type=merge -p={"spec":{"template":{"spec":{"containers":[{"name":"web","image":"shop/web:latest","securityContext":{"privileged":true}}]}}}}"#,
        Seen::Denied,
        UPDATED,
    ),
    on_bad(
        "merge-good",
        r#"patch deployment NAME --type=merge -p={"spec":{"template":{"spec":{"containers":[{"name":"web","image":"shop/web:1.4.2"}]}}}}"#,
        Seen::Nothing,
        UPDATED,
    ),
    on_bad(
        "strategic-as-bad",
        r#"patch deployment NAME -p={"spec":{"template":{"spec":{"containers":[{"name":"web","image":"shop/web:1.4.3"}]}}}}"#,
        Seen::LetThrough,
        UPDATED,
    ),
    on_bad(
        "strategic-worse",
        r#"patch deployment NAME -p={"spec":{"template":{"spec":{"containers":[{"name":"web","image":"shop/web:latest"}]}}}}"#,
        Seen::Denied,
        UPDATED,
    ),
    on_bad(
        "strategic-good",
        r#"patch deployment NAME -p={"spec":{"template":{"spec":{"containers":[{"name":"web","securityContext":{"privileged":false}}]}}}}"#,
        Seen::Nothing,
        UPDATED,
    ),
    on_bad(
        "set-image-as-bad",
        "set image deployment/NAME web=shop/web:1.4.3",
        Seen::LetThrough,
        UPDATED,
    ),
    on_bad(
        "set-image-worse",
        "set image deployment/NAME web=shop/web:latest",
        Seen::Denied,
        UPDATED,
    ),
    on_bad(
        "set-env",
        "set env deployment/NAME LOG_LEVEL=info",
        Seen::LetThrough,
        UPDATED,
    ),
    on_bad(
        "scale",
        "scale deployment NAME --replicas=2",
        Seen::Nothing,
        UPDATED,
    ),
    on_bad(
        "restart",
        "rollout restart deployment/NAME",
        Seen::LetThrough,
        UPDATED,
    ),
    on_bad(
        "pause",
        "rollout pause deployment/NAME",
        Seen::LetThrough,
        UPDATED,
    ),
    on(
        "undo-to-worse",
        &[Form::Worse, Form::Bad],
        "rollout undo deployment/NAME",
        Seen::Denied,
        UPDATED,
    ),
    on(
        "undo-to-as-bad",
        &[Form::AsBad, Form::Bad],
        "rollout undo deployment/NAME",
        Seen::LetThrough,
        UPDATED,
    ),
    on(
        "undo-to-good",
        &[Form::Good, Form::Bad],
        "rollout undo deployment/NAME",
        Seen::Nothing,
        UPDATED,
    ),
    on_bad(
        "label",
        "label deployment NAME team=shop",
        Seen::LetThrough,
        UPDATED,
    ),
    on_bad(
        "annotate",
        "annotate deployment NAME example.com/seen=yes",
        Seen::Nothing,
        NOTHING,
    ),
    on_bad(
        "autoscale",
        "autoscale deployment NAME --min=2 --max=3",
        Seen::Nothing,
        NOTHING,
    ),
    on_bad("delete", "delete deployment NAME", Seen::Nothing, NOTHING),
    on_bad(
        "delete-dry",
        "delete deployment NAME --dry-run=server",
        Seen::Nothing,
        NOTHING,
    ),
];
