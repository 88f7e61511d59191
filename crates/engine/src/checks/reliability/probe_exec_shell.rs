//! probe-exec-shell: asking whether a container lives costs little.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "probe-exec-shell",
    title: "Probe runs a shell pipeline",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A liveness, readiness or startup probe runs a shell with a pipe, a chain or a loop, or a tool that asks over the network (curl, wget, nc, grpcurl), or one of the parameter deniedCommands.",
        root_cause: "A command was at hand when the probe was written, and the image had a shell.",
        scenario: "Every few seconds a shell and its children are started in each container; under load they are slow, time out, and the container is killed for it. The tool vanishes with the next slim image.",
        impact: "Restarts under load, which make the load of the others greater.",
        fix: "Ask by httpGet, tcpSocket or grpc, which the kubelet does itself; or run one small program of the application's own.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:deny-commands-in-exec-probe",
            "gatekeeper:requiredprobes",
        ],
    },
    parameters: &[DENIED],
    reads: &[],
    ask: Ask::Containers(Containers::Probed, ask),
};

const DENIED: Parameter = Parameter {
    name: "deniedCommands",
    describes: "Programs that a probe must not run.",
    kind: ParameterKind::Texts {
        default: &["jcmd", "ps", "ls"],
    },
};

/// Tools for what the kubelet can ask itself.
const CLIENTS: [&str; 6] = ["curl", "wget", "nc", "ncat", "grpcurl", "telnet"];

/// Programs that read a script from an argument.
const SHELLS: [&str; 5] = ["sh", "bash", "ash", "dash", "zsh"];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let spec = container.spec;
    let probes = [
        ("livenessProbe", &spec.liveness_probe),
        ("readinessProbe", &spec.readiness_probe),
        ("startupProbe", &spec.startup_probe),
    ];
    let commands: Vec<(&str, &[String])> = probes
        .into_iter()
        .filter_map(|(field, probe)| Some((field, probe.as_ref()?.exec.as_ref()?)))
        .map(|(field, exec)| (field, exec.command.as_slice()))
        .collect();
    if commands.is_empty() {
        return Answer::DoesNotApply;
    }
    let denied = asked.texts(DENIED.name);
    let faults = commands.into_iter().filter_map(|(field, command)| {
        let why = wrong(command, denied)?;
        let message = format!("{field} {why}");
        Some(Fault::in_container(
            container,
            &format!("/{field}/exec/command"),
            message,
        ))
    });
    Answer::from_faults(faults.collect())
}

fn wrong(command: &[String], denied: &[String]) -> Option<String> {
    let program = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
    let is_shell = command
        .first()
        .is_some_and(|word| SHELLS.contains(&program(word).as_str()));
    let script = if is_shell { command.last() } else { None };
    let words = command
        .iter()
        .flat_map(|word| word.split([' ', ';', '|', '&', '(', '\n']));
    let used: Vec<String> = words.map(program).collect();
    if let Some(tool) = used.iter().find(|word| CLIENTS.contains(&word.as_str())) {
        return Some(format!("runs {tool} for what the kubelet can ask itself"));
    }
    if let Some(tool) = used.iter().find(|word| denied.contains(*word)) {
        return Some(format!("runs {tool}, which is costly or tells nothing"));
    }
    let chained = script.is_some_and(|script| {
        ["|", "&&", ";", "while ", "for ", "$("]
            .iter()
            .any(|sign| script.contains(sign))
    });
    chained.then(|| "runs a shell pipeline every time".to_owned())
}
