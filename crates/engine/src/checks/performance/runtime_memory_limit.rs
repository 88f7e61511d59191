//! runtime-memory-limit: the runtime knows how much memory it may use.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{Container, Kind, Pointer},
};

pub(super) const CHECK: Check = Check {
    id: "runtime-memory-limit",
    title: "Heap not fitted to the memory limit",
    category: Category::Performance,
    severity: Severity::Medium,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container with a memory limit sets a heap for the JVM (-Xmx), Node.js (--max-old-space-size) or Go (GOMEMLIMIT) above nine tenths of the limit; or runs Java by its command without -Xmx or MaxRAMPercentage; the JVM then takes a quarter.",
        root_cause: "The heap was set for another machine, or nobody said anything and each runtime guesses.",
        scenario: "The heap grows past the limit, and the kernel kills the process in the middle of its work; or three quarters of the memory that was paid for are never used.",
        impact: "Restarts under load, or a service slower than it needs to be.",
        fix: "For Java set -XX:MaxRAMPercentage=75 in JAVA_TOOL_OPTIONS; for Node.js --max-old-space-size to three quarters of the limit; for Go GOMEMLIMIT to nine tenths.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["redhat-cop:BESTPRACT-00002", "redhat-cop:BESTPRACT-00005"],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// The heap is not all that a process uses.
const NINE_TENTHS: i128 = 9;

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let limit = container.resources().and_then(|one| one.limit("memory"));
    let Some(limit) = limit else {
        return Answer::DoesNotApply;
    };
    let mut said: Vec<(String, Pointer, i128)> = Vec::new();
    let mut asked_any = false;
    let mut percentage = false;
    let mut look = |text: &str, pointer: &Pointer| {
        for word in text.split_whitespace() {
            if word.starts_with("-XX:MaxRAMPercentage")
                || word.starts_with("-XX:InitialRAMPercentage")
            {
                (percentage, asked_any) = (true, true);
            }
            if let Some(bytes) = heap(word) {
                asked_any = true;
                said.push((word.to_owned(), pointer.clone(), bytes));
            }
        }
    };
    for variable in asked.variables(container) {
        if variable.name == "GOMEMLIMIT" {
            look(
                &format!("GOMEMLIMIT={}", variable.value),
                &variable.pointer(),
            );
        } else if variable.name.contains("OPT") {
            look(variable.value, &variable.pointer());
        }
    }
    let spec = container.spec;
    for (list, words) in [("command", &spec.command), ("args", &spec.args)] {
        for (index, word) in words.iter().enumerate() {
            look(word, &container.at(&format!("/{list}/{index}")));
        }
    }
    let is_java = spec
        .command
        .first()
        .is_some_and(|word| word.rsplit('/').next() == Some("java"));
    if is_java && !asked_any {
        let message = "runs Java without saying how much memory it may use, so it takes a quarter of the limit";
        let fault = Fault::in_container(container, "/command/0", message);
        return Answer::fails(fault.severity(Severity::Low));
    }
    if !asked_any {
        return Answer::DoesNotApply;
    }
    let most = limit.units() * NINE_TENTHS / 10;
    let faults = said.into_iter().filter(|(_, _, bytes)| *bytes > most);
    let faults = faults.map(|(word, pointer, _)| {
        let message = format!(
            "{word} leaves no room below the memory limit of {}",
            limit.as_str()
        );
        Fault::in_container_at(container, pointer, message)
    });
    Answer::from_faults(faults.collect())
}

/// The bytes that a word gives to a heap.
fn heap(word: &str) -> Option<i128> {
    if let Some(amount) = word.strip_prefix("-Xmx") {
        return bytes(amount, 1);
    }
    if let Some(amount) = word
        .strip_prefix("--max-old-space-size=")
        .or_else(|| word.strip_prefix("--max_old_space_size="))
    {
        return bytes(amount, 1024 * 1024);
    }
    let amount = word.strip_prefix("GOMEMLIMIT=")?;
    bytes(amount.trim_end_matches('B').trim_end_matches('i'), 1)
}

/// A number with k, m or g behind it; `unit` where there is none.
fn bytes(amount: &str, unit: i128) -> Option<i128> {
    let digits = amount.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: i128 = digits.parse().ok()?;
    let factor = match amount[digits.len()..].to_ascii_lowercase().as_str() {
        "" => unit,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(factor)
}
