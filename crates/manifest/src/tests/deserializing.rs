use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::one;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    replicas: Option<i32>,
    #[serde(default, borrow)]
    containers: Vec<Container<'a>>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    paused: Option<bool>,
    weight: Option<f64>,
    strategy: Option<Strategy>,
    port: Option<Port>,
    letter: Option<char>,
    small: Option<u8>,
    pair: Option<(i32, i32)>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Container<'a> {
    #[serde(borrow)]
    image: Cow<'a, str>,
    name: &'a str,
}

#[derive(Debug, Deserialize, PartialEq)]
enum Strategy {
    Recreate,
    Wait(u32),
    Rolling { surge: i32 },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Port {
    Number(i32),
    Name(String),
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Strict {
    a: i32,
}

fn refused(text: &str) -> String {
    let document = one(text);
    BTreeMap::<String, Spec>::deserialize(&document)
        .unwrap_err()
        .to_string()
}

#[test]
fn everything_is_read() {
    let document = one(
        "replicas: 3\ncontainers: [{image: a/b:1, name: web}]\nlabels: {a: \"1\"}\npaused: no\n\
         weight: 2\nstrategy: {Rolling: {surge: 1}}\nport: http\nletter: x\nunknown: [1, {a: 2}]\n\
         pair: [1, 2]\n",
    );
    let spec = Spec::deserialize(&document).unwrap();
    assert_eq!(spec.replicas, Some(3));
    assert_eq!(spec.containers[0].name, "web");
    assert_eq!(spec.labels["a"], "1");
    assert_eq!(spec.paused, Some(false));
    assert_eq!(spec.weight, Some(2.0));
    assert_eq!(spec.strategy, Some(Strategy::Rolling { surge: 1 }));
    assert_eq!(spec.port, Some(Port::Name("http".to_owned())));
    assert_eq!(spec.letter, Some('x'));
    assert_eq!(spec.pair, Some((1, 2)));
    IgnoredAny::deserialize(&document).unwrap();

    let wait = one("strategy: {Wait: 5}\nport: 80\nreplicas: ~\n");
    let spec = Spec::deserialize(&wait).unwrap();
    assert_eq!(spec.strategy, Some(Strategy::Wait(5)));
    assert_eq!(spec.port, Some(Port::Number(80)));
    assert_eq!(spec.replicas, None);
    let unit = one("strategy: Recreate\n");
    assert_eq!(
        Spec::deserialize(&unit).unwrap().strategy,
        Some(Strategy::Recreate)
    );
}

#[test]
fn errors_say_where_and_what() {
    let table = [
        (
            "spec:\n  replicas: two\n",
            "2:13: spec.replicas: expected an integer, found the text \"two\"",
        ),
        (
            "spec:\n  replicas: 1.5\n",
            "2:13: spec.replicas: expected an integer, found the number 1.5",
        ),
        (
            "spec:\n  replicas: 5000000000\n",
            "2:13: spec.replicas: expected an integer from -2147483648 to 2147483647, \
             found the number 5000000000",
        ),
        (
            "spec: {small: -1}\n",
            "1:15: spec.small: expected an integer from 0 to 255, found the number -1",
        ),
        (
            "spec:\n  labels:\n    v: 1\n",
            "3:8: spec.labels.v: expected text, found the number 1",
        ),
        (
            "spec:\n  labels:\n    app.io/v: yes\n",
            "3:15: spec.labels[\"app.io/v\"]: expected text, found true",
        ),
        (
            "spec:\n  paused: \"yes\"\n",
            "2:11: spec.paused: expected true or false, found the text \"yes\"",
        ),
        (
            "spec:\n  containers:\n  - name: a\n    image: [x]\n",
            "4:12: spec.containers[0].image: expected text, found a list",
        ),
        (
            "spec:\n  containers:\n  - name: a\n",
            "3:5: spec.containers[0]: missing field `image`",
        ),
        (
            "spec:\n  containers: {a: 1}\n",
            "2:15: spec.containers: expected a list, found a mapping",
        ),
        (
            "spec:\n  containers: [[a, b]]\n",
            "2:16: spec.containers[0]: expected a mapping, found a list",
        ),
        (
            "spec: 1\n",
            "1:7: spec: expected a mapping, found the number 1",
        ),
        (
            "spec: {strategy: Never}\n",
            "1:18: spec.strategy: unknown variant `Never`, expected one of `Recreate`, `Wait`, `Rolling`",
        ),
        (
            "spec: {strategy: {Rolling: {surge: x}}}\n",
            "1:36: spec.strategy.Rolling.surge: expected an integer, found the text \"x\"",
        ),
        (
            "spec: {strategy: Wait}\n",
            "1:18: spec.strategy: `Wait` needs a value: write it as a mapping",
        ),
        (
            "spec: {strategy: {a: 1, b: 2}}\n",
            "1:18: spec.strategy: expected text or a mapping with one key, found a mapping",
        ),
        (
            "spec: {pair: [1, 2, 3]}\n",
            "1:21: spec.pair: expected 2 items, found 3",
        ),
    ];
    for (text, message) in table {
        assert_eq!(refused(text), message, "{text}");
    }
}

#[test]
fn unknown_fields_are_named_where_they_stand() {
    let document = one("a: 1\nb: 2\n");
    assert_eq!(
        Strict::deserialize(&document).unwrap_err().to_string(),
        "2:1: unknown field `b`, expected `a`"
    );
}

#[test]
fn saphyr_reads_the_same_where_both_agree() {
    let text = "a: [1, two, {b: null, c: \"x\"}]\nd: |\n  e\n  f\n";
    let theirs: serde_json::Value = serde_saphyr::from_str(text).unwrap();
    assert_eq!(serde_json::Value::deserialize(&one(text)).unwrap(), theirs);
}
