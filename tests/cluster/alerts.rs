//! The alerts that the chart ships, and the dashboard: each reads metrics that a running operator tells, and says what to do.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _};
use prodready::input::Limits;
use prodready_testkit::{helm, kubectl_with_input, shared, wait};
use serde_json::Value;

use crate::support::{
    CHART, LIMIT, NAMESPACE, enforce,
    exceptions::{ASKS, approve, create_as, denying, exception, give_roles},
    in_installation,
    objects::deployment,
};

/// Where the alerts are explained, in the rendered links.
const BASE: &str = "https://example.com/alerts";

/// The alerting rules, as the chart renders them.
async fn alerts() -> Vec<Value> {
    let base = format!("metrics.prometheusRule.runbookBaseURL={BASE}");
    let template = [
        "template",
        "prodready",
        CHART,
        "--namespace",
        NAMESPACE,
        "--set",
        "metrics.prometheusRule.enabled=true",
        "--set",
        &base,
        "--show-only",
        "templates/prometheusrule.yaml",
    ];
    let rendered = helm(shared(), &template).await.expect_success();
    let parsed = prodready_manifest::parse(&rendered, &Limits::default());
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let rule = serde_json::to_value(&parsed.documents[0]).unwrap();
    let groups = rule["spec"]["groups"].as_array().unwrap().clone();
    let rules: Vec<Value> = groups
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap().clone())
        .collect();
    assert!(rules.len() >= 10, "{rules:?}");
    rules
}

/// The queries of the dashboard.
fn panels() -> Vec<Value> {
    let dashboard = include_str!("../../manifests/dashboards/prodready.json");
    let dashboard: Value = serde_json::from_str(dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let queries: Vec<Value> = panels
        .flat_map(|panel| panel["targets"].as_array().unwrap().clone())
        .collect();
    assert!(queries.len() >= 14, "{queries:?}");
    queries
}

/// What an expression reads: `prodready_leader{namespace="x"}` by name and conditions.
#[derive(Debug)]
struct Selector {
    name: String,
    conditions: Vec<Condition>,
}

/// A label, whether it must fit, and the values of which it must have one. A regular expression of our alerts is a
/// list of words.
#[derive(Debug)]
struct Condition {
    label: String,
    fits: bool,
    values: Vec<String>,
}

/// The selectors of an expression. Every metric that our alerts read is ours, and has conditions.
fn selectors(expression: &str) -> Vec<Selector> {
    let opened = expression.matches('(').count();
    assert_eq!(opened, expression.matches(')').count(), "{expression}");
    let parts = expression.split("prodready_").skip(1);
    parts
        .map(|part| {
            let (name, rest) = part
                .split_once('{')
                .unwrap_or_else(|| panic!("{expression}"));
            let (conditions, _) = rest.split_once('}').unwrap();
            Selector {
                name: format!("prodready_{name}"),
                conditions: conditions.split(',').map(condition).collect(),
            }
        })
        .collect()
}

fn condition(text: &str) -> Condition {
    let operators = [("!~", false), ("=~", true), ("!=", false), ("=", true)];
    let found = operators
        .iter()
        .find(|(operator, _)| text.contains(operator));
    let (operator, fits) = found.unwrap_or_else(|| panic!("{text} is no condition"));
    let (label, value) = text.split_once(operator).unwrap();
    let value = value.trim().strip_prefix('"').unwrap();
    let value = value.strip_suffix('"').unwrap();
    let values: Vec<String> = value.split('|').map(str::to_owned).collect();
    let is_word = |value: &String| {
        let mut bytes = value.bytes();
        bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte))
    };
    assert!(values.iter().all(is_word), "{text}");
    Condition {
        label: label.trim().to_owned(),
        fits: *fits,
        values,
    }
}

/// A sample as an operator tells it: its name and labels.
type Sample = (String, BTreeMap<String, String>);

fn samples(metrics: &str) -> Vec<Sample> {
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (sample, _) = line.rsplit_once(' ').unwrap();
            let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
            let labels = labels.trim_end_matches('}').split(',');
            let labels = labels.filter_map(|label| label.split_once('='));
            let text = |text: &str| text.trim_matches('"').to_owned();
            let labels = labels.map(|(key, value)| (text(key), text(value)));
            (name.to_owned(), labels.collect())
        })
        .collect()
}

/// Whether a sample is meant. What names the operator's namespace is put on by Prometheus.
fn means(selector: &Selector, (name, labels): &Sample) -> bool {
    let holds = |condition: &Condition| {
        let value = labels.get(&condition.label);
        condition.label == "namespace"
            || value.is_some_and(|value| condition.values.contains(value) == condition.fits)
    };
    selector.name == *name && selector.conditions.iter().all(holds)
}

#[tokio::test]
async fn every_alert_and_panel_reads_what_a_running_operator_tells() {
    in_installation("alerts", async |installation, _, namespace| {
        let plane = installation.plane;
        give_roles(plane, &namespace).await;
        enforce(plane, &namespace, denying()).await;
        let in_a_month = Timestamp::now() + (30 * 24).hours();
        let asked = exception(&namespace, "agent", in_a_month);
        create_as(plane, ASKS, &asked).await.expect_success();
        approve(plane, &namespace).await;
        let forgiven = deployment(&namespace, "payments", true).to_string();
        let let_through = wait("the exception is in force", LIMIT, async || {
            let ran = kubectl_with_input(plane, &["apply", "-f", "-"], &forgiven).await;
            if ran.success() {
                Ok(ran)
            } else {
                Err(ran.to_string())
            }
        });
        let_through.await.expect_success();

        let (alerts, panels) = (alerts().await, panels());
        wait("every metric is told", LIMIT, async || {
            let told = samples(&installation.operator.metrics().await);
            let expressions = alerts.iter().chain(&panels);
            let missing: Vec<String> = expressions
                .flat_map(|one| selectors(one["expr"].as_str().unwrap()))
                .filter(|selector| !told.iter().any(|sample| means(selector, sample)))
                .map(|selector| format!("{selector:?}"))
                .collect();
            if missing.is_empty() {
                Ok(())
            } else {
                Err(missing.join("\n"))
            }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn every_alert_says_what_it_means_and_what_to_do() {
    let page = include_str!("../../docs/alerts.md");
    for alert in alerts().await {
        let name = alert["alert"].as_str().unwrap();
        let annotation = |key: &str| {
            let text = alert["annotations"][key].as_str().unwrap_or_default();
            text.to_owned()
        };
        for key in ["summary", "description", "action"] {
            let text = annotation(key);
            assert!(
                text.len() > 20 && text.ends_with('.'),
                "{name} {key}: {text:?}"
            );
        }
        let link = format!("{BASE}#{}", name.to_lowercase());
        assert_eq!(annotation("runbook_url"), link, "{name}");
        assert!(
            page.contains(&format!("\n## {name}\n")),
            "{name} is not in docs/alerts.md"
        );
        let severity = alert["labels"]["severity"].as_str().unwrap();
        assert!(
            ["critical", "warning", "info"].contains(&severity),
            "{name}: {severity}"
        );
        let read = selectors(alert["expr"].as_str().unwrap());
        assert!(!read.is_empty(), "{name} reads nothing");
        for selector in read {
            let mut conditions = selector.conditions.iter();
            assert!(
                conditions
                    .any(|one| one.label == "namespace" && one.fits && one.values == [NAMESPACE]),
                "{name} reads the metrics of other installations: {selector:?}"
            );
        }
    }
}
