//! What is put around a block so that it becomes a whole object.

const POD: &str = "\
apiVersion: apps/v1
kind: {KIND}
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
";

const JOB: &str = "\
apiVersion: batch/v1
kind: Job
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
";

const CRON_JOB: &str = "\
apiVersion: batch/v1
kind: CronJob
metadata: {name: web}
spec:
  schedule: 17 4 * * *
  jobTemplate:
    spec:
      template:
        metadata: {labels: {app: web}}
        spec:
";

/// The whole object, and how many lines stand before the block.
pub(crate) fn whole(around: &str, lines: &[String]) -> (String, usize) {
    let of_kind = |kind: &str| POD.replace("{KIND}", kind);
    let (before, indent) = match around {
        "" => (String::new(), 0),
        "pod" => (of_kind("Deployment"), 6),
        "daemonset" => (of_kind("DaemonSet"), 6),
        "statefulset" => (of_kind("StatefulSet"), 6),
        "job" => (JOB.to_owned(), 6),
        "cronjob" => (CRON_JOB.to_owned(), 10),
        "container" => (of_kind("Deployment") + "      containers:\n", 8),
        other => panic!("unknown wrapping {other}"),
    };
    let is_comment = |line: &String| line.trim_start().starts_with('#');
    let first = lines.iter().position(|line| !is_comment(line));
    let mut text = before.clone();
    for (index, line) in lines.iter().enumerate() {
        if !line.is_empty() {
            text.push_str(&" ".repeat(indent));
        }
        if around == "container" && Some(index) == first {
            text.truncate(text.len() - 2);
            text.push_str("- ");
        }
        text.push_str(line);
        text.push('\n');
    }
    // A Job's pods may not say nothing (Job v1, `template`).
    let says_when = |line: &String| line.starts_with("restartPolicy:");
    if matches!(around, "job" | "cronjob") && !lines.iter().any(says_when) {
        text.push_str(&" ".repeat(indent));
        text.push_str("restartPolicy: Never\n");
    }
    (text, before.lines().count())
}
