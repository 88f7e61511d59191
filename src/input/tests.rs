//! The files in manifests/awkward and manifests/broken, with what they hold written by hand.

use std::{io, path::Path};

use prodready_manifest::DeserializeError;
use proptest::prelude::*;
use serde::Deserialize;

use super::{Document, Documents, Limits, Node, Position, Source, gather, parse, parse_all};

/// The manifests' directory, where tests run.
const MANIFESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests");

fn sources(below: &str) -> Vec<Source> {
    let path = Path::new(MANIFESTS).join(below);
    let mut gathered = gather(&[path], &Limits::default(), &mut io::empty());
    for source in &mut gathered.sources {
        source.name = source.name.replace(&format!("{MANIFESTS}/"), "").into();
    }
    gathered.sources
}

fn source(below: &str) -> Source {
    sources(below).pop().unwrap()
}

fn read(source: &Source) -> Documents<'_> {
    parse(source, &Limits::default())
}

/// Every document as `file:line kind name`.
fn summary(documents: &Documents<'_>) -> Vec<String> {
    let name = |node: &Node<'_>| Some(node.get("metadata")?.get("name")?.as_str()?.to_owned());
    documents
        .documents
        .iter()
        .map(|document| {
            let Document { file, node } = document;
            let (_, kind) = document.identity().unwrap_or(("", "no kind"));
            let name = name(node).unwrap_or_default();
            format!("{file}:{} {kind} {name}", node.position.line)
        })
        .collect()
}

fn errors(below: &str) -> Vec<String> {
    let source = source(below);
    read(&source)
        .errors
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// A value by its pointer, as JSON.
fn json(documents: &Documents<'_>, name: &str, pointer: &str) -> serde_json::Value {
    let found = documents.documents.iter().find_map(|document| {
        let whole = serde_json::to_value(&document.node).unwrap();
        (whole["metadata"]["name"] == name).then(|| whole.pointer(pointer).cloned())
    });
    found.flatten().unwrap_or_default()
}

fn at(line: u32, column: u32) -> Position {
    Position { line, column }
}

#[test]
fn awkward_files_hold_what_they_hold() {
    let sources = sources("awkward");
    let all = parse_all(&sources, &Limits::default());
    assert_eq!(all.errors, []);
    assert_eq!(
        summary(&all),
        [
            "awkward/byte-order-mark.yaml:1 ConfigMap byte-order-mark",
            "awkward/empty-documents.yaml:12 ConfigMap among-empty-documents",
            "awkward/empty-documents.yaml:23 Service among-empty-documents",
            "awkward/ingress-controller.yaml:3 ServiceAccount release-name-edge-proxy",
            "awkward/ingress-controller.yaml:20 ConfigMap release-name-edge-proxy-controller",
            "awkward/ingress-controller.yaml:44 ClusterRole release-name-edge-proxy",
            "awkward/ingress-controller.yaml:63 Service release-name-edge-proxy-controller",
            "awkward/ingress-controller.yaml:92 Deployment release-name-edge-proxy-controller",
            "awkward/ingress-controller.yaml:182 IngressClass edge-awkward",
            "awkward/ingress-controller.yaml:190 Job release-name-edge-proxy-admission-create",
            "awkward/json-in-yaml.yaml:3 Deployment json-in-yaml",
            "awkward/json-in-yaml.yaml:52 ConfigMap json-in-yaml",
            "awkward/list-one-line.json:1 Deployment one-line-json",
            "awkward/list-one-line.json:1 ConfigMap one-line-json",
            "awkward/list.yaml:7 ConfigMap listed",
            "awkward/list.yaml:14 Deployment listed",
            "awkward/list.yaml:58 Deployment listed-again",
            "awkward/monitoring-stack.yaml:2 ConfigMap dashboards",
            "awkward/monitoring-stack.yaml:40 DaemonSet node-exporter",
            "awkward/monitoring-stack.yaml:106 StatefulSet prometheus",
            "awkward/no-last-line-break.yaml:2 ConfigMap no-last-line-break",
            "awkward/plain.json:1 Deployment plain-json",
            "awkward/postgres-chart.yaml:2 ConfigMap postgres-init",
            "awkward/postgres-chart.yaml:29 StatefulSet postgres",
            "awkward/postgres-chart.yaml:92 Service postgres-headless",
            "awkward/redis-chart-crlf.yaml:3 ConfigMap release-name-redis-scripts",
            "awkward/redis-chart-crlf.yaml:19 StatefulSet release-name-redis-master",
            "awkward/several.json:1 Deployment several-json",
            "awkward/several.json:49 ConfigMap several-json",
            "awkward/tab-indented.json:1 Deployment tab-indented-json",
        ]
    );
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn awkward_values_are_what_kubectl_sends() {
    let sources = sources("awkward");
    let all = parse_all(&sources, &Limits::default());
    let pod = "/spec/template/spec";
    let table = [
        ("postgres", "/spec/replicas".to_owned(), "2"),
        ("postgres", "/spec/serviceName".to_owned(), "\"postgres\""),
        (
            "postgres",
            format!("{pod}/terminationGracePeriodSeconds"),
            "120",
        ),
        ("postgres", format!("{pod}/securityContext/fsGroup"), "1001"),
        (
            "postgres",
            format!("{pod}/containers/0/ports/0/containerPort"),
            "5432",
        ),
        (
            "postgres",
            format!("{pod}/containers/0/env/1/value"),
            "\"--data-checksums --encoding=UTF8 --locale=C\"",
        ),
        (
            "postgres",
            format!("{pod}/containers/0/env/2/value"),
            "\"no\"",
        ),
        (
            "postgres",
            format!("{pod}/containers/0/env/6/value"),
            "null",
        ),
        (
            "postgres",
            format!("{pod}/containers/0/image"),
            "\"registry.example.com/charts/postgres:16.6.0-debian-12-r2\"",
        ),
        (
            "postgres",
            format!("{pod}/volumes/0/configMap/defaultMode"),
            "288",
        ),
        (
            "postgres",
            format!("{pod}/volumes/1/emptyDir/sizeLimit"),
            "1000000000",
        ),
        (
            "postgres",
            "/spec/template/metadata/labels/app.kubernetes.io~1name".to_owned(),
            "\"postgres\"",
        ),
        (
            "postgres-init",
            "/data/indented.sql".to_owned(),
            "\"  SELECT 1;\\nCREATE TABLE t (a text);\\n\"",
        ),
        (
            "postgres-init",
            "/data/keep.sql".to_owned(),
            "\"CREATE ROLE reader;\\n\\n\\n\"",
        ),
        (
            "postgres-init",
            "/data/strip.sql".to_owned(),
            "\"CREATE ROLE writer;\"",
        ),
        (
            "postgres-init",
            "/data/comment.sql".to_owned(),
            "\"-- not a separator\\n--- neither is this\\n... nor this\\n\"",
        ),
        (
            "postgres-init",
            "/data/a.key.written.the.long.way".to_owned(),
            "\"its value\"",
        ),
        (
            "node-exporter",
            "/spec/template/metadata/labels".to_owned(),
            r#"{"app.kubernetes.io/component":"metrics","app.kubernetes.io/name":"node-exporter","app.kubernetes.io/part-of":"monitoring"}"#,
        ),
        (
            "node-exporter",
            format!("{pod}/containers/0/readinessProbe/httpGet/port"),
            "\"http-metrics\"",
        ),
        (
            "node-exporter",
            format!("{pod}/containers/1/resources"),
            r#"{"limits":{"memory":"48Mi"},"requests":{"cpu":"20m","memory":"32Mi"}}"#,
        ),
        ("dashboards", "/data/single".to_owned(), "\"it's here\""),
        (
            "prometheus",
            format!("{pod}/volumes/1/configMap/defaultMode"),
            "416",
        ),
        (
            "release-name-redis-master",
            format!("{pod}/volumes/0/configMap/defaultMode"),
            "493",
        ),
        (
            "release-name-redis-master",
            format!("{pod}/containers/0/args/1"),
            "\"/opt/scripts/start-master.sh\\n\"",
        ),
        (
            "json-in-yaml",
            format!("{pod}/containers/0/resources/requests/cpu"),
            "0.1",
        ),
        (
            "tab-indented-json",
            format!("{pod}/containers/0/args/0"),
            r#""--greeting=tab\there, \"quotes\", a slash / and é""#,
        ),
    ];
    for (name, pointer, wanted) in table {
        let found = json(&all, name, &pointer);
        assert_eq!(found.to_string(), wanted, "{name} {pointer}");
    }
}

#[test]
fn what_stands_in_a_block_of_text_is_no_document() {
    let source = source("awkward/ingress-controller.yaml");
    let documents = read(&source);
    let snippet = json(
        &documents,
        "release-name-edge-proxy-controller",
        "/data/main-snippet",
    );
    assert_eq!(
        snippet,
        "# the next lines look like documents of their own, and are not\n---\napiVersion: v1\nkind: Secret\n---\nworker_rlimit_nofile 65535;\n"
    );
}

#[test]
fn pointers_lead_to_the_lines_a_reader_looks_for() {
    let table = [
        (
            "ingress-controller.yaml",
            4,
            "/spec/template/spec/containers/0/image",
            at(118, 11),
        ),
        (
            "ingress-controller.yaml",
            4,
            "/spec/template/spec/containers/0",
            at(117, 11),
        ),
        (
            "ingress-controller.yaml",
            4,
            "/spec/template/spec/containers/0/resources/limits/memory",
            at(171, 11),
        ),
        (
            "ingress-controller.yaml",
            4,
            "/spec/template/metadata/labels/app.kubernetes.io~1name",
            at(112, 9),
        ),
        ("ingress-controller.yaml", 4, "/spec/strategy", at(99, 1)),
        (
            "monitoring-stack.yaml",
            1,
            "/spec/template/spec/containers/0/readinessProbe",
            at(82, 9),
        ),
        (
            "monitoring-stack.yaml",
            1,
            "/spec/template/spec/containers/0/readinessProbe/httpGet/path",
            at(80, 13),
        ),
        (
            "monitoring-stack.yaml",
            1,
            "/spec/template/metadata/labels/app.kubernetes.io~1name",
            at(46, 5),
        ),
        (
            "monitoring-stack.yaml",
            1,
            "/spec/template/spec/containers/1/resources/limits/memory",
            at(97, 13),
        ),
        (
            "monitoring-stack.yaml",
            1,
            "/spec/template/spec/containers/1/resources/requests/cpu",
            at(75, 38),
        ),
        (
            "redis-chart-crlf.yaml",
            1,
            "/spec/template/spec/volumes/0/configMap/defaultMode",
            at(92, 13),
        ),
        (
            "list.yaml",
            1,
            "/spec/template/spec/containers/0/image",
            at(39, 11),
        ),
        (
            "tab-indented.json",
            0,
            "/spec/template/spec/containers/0/name",
            at(24, 7),
        ),
        ("several.json", 1, "/data/text", at(49, 114)),
        ("byte-order-mark.yaml", 0, "/apiVersion", at(1, 1)),
    ];
    for (file, index, pointer, wanted) in table {
        let source = source(&format!("awkward/{file}"));
        let found = read(&source).documents[index].locate(pointer);
        assert_eq!(found, wanted, "{file} {pointer}");
    }
}

#[test]
fn broken_files_are_named_with_line_and_column() {
    let table = [
        (
            "tabs.yaml",
            "4:2: a tab cannot indent YAML: use spaces instead",
        ),
        (
            "duplicate-key.yaml",
            "17:9: the key `image` is given twice, on line 16 and on line 17: keep one of them",
        ),
        (
            "cyclic-anchor.yaml",
            "8:11: this alias stands inside the value it repeats: write the value out",
        ),
        (
            "billion-laughs.yaml",
            "13:9: aliases repeat more than 1000000 values or 67108864 bytes: write less by alias",
        ),
        (
            "truncated.json",
            "5:19: this quote is never closed: close it",
        ),
        (
            "unknown-alias.yaml",
            "6:11: this alias names no anchor before it in the document: define the anchor first, or quote the text if no alias is meant",
        ),
    ];
    for (file, wanted) in table {
        let file = format!("broken/{file}");
        assert_eq!(errors(&file), [format!("{file}:{wanted}")]);
    }
    let template = errors("broken/helm-template.yaml");
    assert!(template[0].starts_with("broken/helm-template.yaml:5:10: "));
    assert!(
        template[0]
            .ends_with("this looks like a Helm template: render it first with `helm template`")
    );
    assert!(errors("broken/unclosed-quote.yaml")[0].starts_with("broken/unclosed-quote.yaml:"));
}

#[test]
fn bytes_that_are_no_text_are_named_with_line_and_column() {
    let path = Path::new(MANIFESTS).join("broken/not-utf-8.yaml");
    let gathered = gather(&[path], &Limits::default(), &mut io::empty());
    let [error] = &gathered.errors[..] else {
        panic!("{gathered:?}")
    };
    assert_eq!((error.line(), error.column()), (Some(8), Some(15)));
    assert_eq!(
        error.message(),
        "byte 139 of the file is not UTF-8: save the file as UTF-8"
    );
}

#[test]
fn a_broken_document_does_not_hide_its_neighbours() {
    let source = source("broken/between-two-good.yaml");
    let documents = read(&source);
    assert_eq!(
        summary(&documents),
        [
            "broken/between-two-good.yaml:1 Deployment first",
            "broken/between-two-good.yaml:21 Deployment third",
        ]
    );
    let broken: Vec<_> = documents
        .errors
        .iter()
        .map(super::InputError::line)
        .collect();
    assert_eq!(broken, [Some(16)]);
    let image = documents.documents[1].locate("/spec/template/spec/containers/0/image");
    assert_eq!(image, at(30, 22));
}

#[test]
fn a_values_file_is_no_object() {
    let source = source("broken/unknown-kind.yaml");
    assert_eq!(
        summary(&read(&source)),
        [
            "broken/unknown-kind.yaml:1 Deploymnet unknown-kind",
            "broken/unknown-kind.yaml:9 Teapot of-nobody-s-crd",
            "broken/unknown-kind.yaml:18 no kind ",
        ]
    );
}

#[derive(Debug, Deserialize)]
struct Deployment {
    #[serde(rename = "spec")]
    _spec: Spec,
}

#[derive(Debug, Deserialize)]
struct Spec {
    #[serde(rename = "replicas")]
    _replicas: i32,
}

#[test]
fn a_wrong_type_names_file_line_column_and_field() {
    let source = source("broken/wrong-type.yaml");
    let documents = read(&source);
    let read: Result<Deployment, _> = documents.documents[0]
        .read(|node| -> Result<_, DeserializeError> { Deployment::deserialize(node) });
    assert_eq!(
        read.unwrap_err().to_string(),
        "broken/wrong-type.yaml:7:13: spec.replicas: expected an integer, found the text \"two\""
    );
}

proptest! {
    #[test]
    fn no_bytes_and_no_pointer_make_it_panic(bytes: Vec<u8>, pointer in "(/[a-z0-9~]{0,3}){0,4}") {
        let found = gather(&["-".into()], &Limits::default(), &mut &bytes[..]);
        for document in parse_all(&found.sources, &Limits::default()).documents {
            document.locate(&pointer);
            document.identity();
        }
        for error in found.errors {
            prop_assert_eq!(format!("stdin:{}:{}: {}", error.line().unwrap(), error.column().unwrap(), error.message()), error.to_string());
        }
    }

    #[test]
    fn a_list_holds_what_its_items_hold_alone(names in prop::collection::vec("[a-z]{1,8}", 0..6)) {
        let item = |name: &String| format!("{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {{\"name\": \"{name}\"}}}}");
        let items: Vec<_> = names.iter().map(item).collect();
        let list = Source {
            name: "list.json".into(),
            text: format!("{{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{}]}}", items.join(", ")),
        };
        let alone = Source { name: "list.json".into(), text: items.join(" ") };
        prop_assert_eq!(summary(&read(&list)), summary(&read(&alone)));
    }
}
