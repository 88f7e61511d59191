use std::borrow::Cow;
use std::fmt::Write;

use proptest::prelude::*;

use super::{errors, read};
use crate::{Key, Limits, Node, NodeValue, Position, decode, objects, parse};

#[test]
fn a_billion_laughs_end_early() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        writeln!(text, "a{level}: &a{level} [{before}]").unwrap();
    }
    let said = errors(&text);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("aliases repeat more than"), "{said:?}");
}

#[test]
fn one_long_text_repeated_ends_early() {
    let long = "x".repeat(1_000_000);
    let text = format!("a: &a \"{long}\"\nb: [{}]\n", "*a, ".repeat(1000));
    assert!(errors(&text)[0].contains("aliases repeat more than"));
}

#[test]
fn many_small_bombs_in_one_text_end_early() {
    let bomb = "---\na: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n";
    let limits = Limits {
        nodes: 1000,
        ..Limits::default()
    };
    assert!(parse(bomb, &limits).errors.is_empty());
    assert!(!parse(&bomb.repeat(100), &limits).errors.is_empty());
}

#[test]
fn bombs_in_a_row_share_one_budget() {
    let bomb = "{a: &a [x, x, x, x], b: &b [*a, *a, *a, *a], c: [*b, *b, *b, *b]}\n";
    let limits = Limits {
        nodes: 1000,
        ..Limits::default()
    };
    let parsed = parse(&bomb.repeat(100), &limits).documents.len();
    assert!(parsed < 20, "{parsed}");
}

#[test]
fn cyclic_anchors_are_errors() {
    let said = errors("a: &a\n  b: *a\n---\n- &x [*x]\n");
    assert_eq!(
        said,
        [
            "2:6: this alias stands inside the value it repeats: write the value out",
            "4:7: this alias stands inside the value it repeats: write the value out",
        ]
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let brackets = "[".repeat(100_000);
    assert!(errors(&brackets)[0].contains("nested more than 100 levels"));
    let maps = "{a: ".repeat(100_000);
    assert!(errors(&maps)[0].contains("nested more than 100 levels"));
    let mut block = String::new();
    for level in 0..1000 {
        writeln!(block, "{}a:", " ".repeat(level)).unwrap();
    }
    assert!(errors(&block)[0].contains("nested more than 100 levels"));
    let dashes = "- ".repeat(100_000);
    assert!(errors(&dashes)[0].contains("nested more than 100 levels"));

    let fits = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(errors(&fits), [""; 0]);
    let limits = Limits {
        depth: usize::MAX,
        ..Limits::default()
    };
    let closed = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(!parse(&closed, &limits).errors.is_empty());
}

#[test]
fn aliases_cannot_nest_deeper_than_the_limit() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..200 {
        writeln!(text, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    assert!(errors(&text)[0].contains("nested more than 100 levels"));
}

#[test]
fn size_limits() {
    let limits = Limits {
        nodes: 3,
        bytes: 20,
        ..Limits::default()
    };
    assert!(parse("[1, 2]", &limits).errors.is_empty());
    assert!(
        parse("[1, 2, 3]", &limits).errors[0]
            .message
            .contains("more than 3 values")
    );
    assert!(
        parse(&" ".repeat(21), &limits).errors[0]
            .message
            .contains("21 bytes")
    );
}

#[test]
fn endless_broken_documents_end() {
    let said = errors(&"---\na: [\n".repeat(500));
    assert_eq!(said.len(), 101);
    assert!(said[100].contains("the rest was not read"));
}

/// Texts without the characters YAML forbids and JSON does not.
fn text() -> impl Strategy<Value = String> {
    let forbidden = |c: char| c > '~' && c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    anything().prop_map(move |text| text.replace(forbidden, "?"))
}

fn anything() -> impl Strategy<Value = String> {
    prop_oneof![
        ".*",
        "[ -~\n\t]{0,60}",
        "(yes|no|1|0644|~|<<|---|\\{\\{|[a-z]{1,5})"
    ]
}

fn tree() -> impl Strategy<Value = NodeValue<'static>> {
    let leaf = prop_oneof![
        Just(NodeValue::Null),
        any::<bool>().prop_map(NodeValue::Bool),
        any::<i64>().prop_map(NodeValue::Integer),
        (i64::MAX as u64 + 1..).prop_map(NodeValue::Unsigned),
        (-1e6..1e6f64)
            .prop_filter("whole numbers are integers", |value| value.fract() != 0.0)
            .prop_map(NodeValue::Float),
        text().prop_map(|text| NodeValue::String(Cow::Owned(text))),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| NodeValue::Sequence(items.into_iter().map(placed).collect())),
            prop::collection::btree_map(text(), inner, 0..6).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| {
                    let key = Key {
                        text: Cow::Owned(key),
                        position: Position::START,
                    };
                    (key, placed(value))
                });
                NodeValue::Mapping(entries.collect())
            }),
        ]
    })
}

fn placed(value: NodeValue<'static>) -> Node<'static> {
    Node {
        position: Position::START,
        value,
    }
}

proptest! {
    #[test]
    fn bytes_never_panic(bytes: Vec<u8>) {
        if let Ok(text) = decode(&bytes) {
            read(text);
        }
    }

    #[test]
    fn texts_never_panic(text in "([\\[\\]{}&*!|>'\"%@`,:#?<~ \t\r\n-]|[a-c0-9]|---\n|: |- |<<: |\\{\\{){0,80}") {
        for document in read(&text).documents {
            for object in objects(document) {
                object.locate("/a/0/b");
                serde_json::to_string(&object).ok();
            }
        }
    }

    #[test]
    fn trees_survive_json(tree in tree()) {
        let tree = placed(NodeValue::Sequence(vec![placed(tree)]));
        for written in [serde_json::to_string(&tree).unwrap(), serde_json::to_string_pretty(&tree).unwrap()] {
            let parsed = read(&written);
            prop_assert_eq!(&parsed.errors, &[], "{}", &written);
            prop_assert_eq!(parsed.documents.len(), 1);
            prop_assert_eq!(serde_json::to_value(&parsed.documents[0]).unwrap(), serde_json::to_value(&tree).unwrap());
        }
    }
}
