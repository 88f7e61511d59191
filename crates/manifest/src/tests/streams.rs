use super::{at, errors, json, one, read};
use crate::{NodeValue, decode, objects};

#[test]
fn empty_documents_are_skipped() {
    let parsed = read("\u{feff}# only a comment\n---\n---\na: 1\n...\n---\n# nothing\n---\nnull\n");
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.documents.len(), 1);
    assert_eq!(read("").documents, []);
    assert_eq!(read("\u{feff}").documents, []);
    assert_eq!(read("# c\n").errors, []);
}

#[test]
fn windows_line_ends() {
    assert_eq!(
        json("a: 1\r\nb: |\r\n  x\r\n  y\r\nc: [1,\r\n  2]\r\n"),
        r#"{"a":1,"b":"x\ny\n","c":[1,2]}"#
    );
}

#[test]
fn a_separator_inside_a_block_scalar_is_text() {
    assert_eq!(
        json("data:\n  all.yaml: |\n    a: 1\n    ---\n    b: 2\n"),
        r#"{"data":{"all.yaml":"a: 1\n---\nb: 2\n"}}"#
    );
}

#[test]
fn a_broken_document_does_not_hide_its_neighbours() {
    let parsed = read("a: 1\n---\nb: [1, 2\n---\nc: 3\n---\nd: 1\nd: 2\n---\ne: 5\n");
    let kept: Vec<_> = parsed
        .documents
        .iter()
        .map(|document| serde_json::to_string(document).unwrap())
        .collect();
    assert_eq!(kept, [r#"{"a":1}"#, r#"{"c":3}"#, r#"{"e":5}"#]);
    assert_eq!(parsed.documents[1].locate("/c"), at(5, 1));
    let said: Vec<_> = parsed.errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "3:4: this `[` is never closed: close it",
            "8:1: the key `d` is given twice, on line 7 and on line 8: keep one of them",
        ]
    );
}

#[test]
fn a_document_with_something_behind_it_is_broken() {
    for text in [
        "{a: 1}\nb: 2\n",
        "a: 1\n]\n",
        "- 1\nb: 2\n",
        "  a: 1\nb: 2\n",
        "\"a\" b\n",
    ] {
        let parsed = read(text);
        assert_eq!(
            (parsed.documents.len(), parsed.errors.len()),
            (0, 1),
            "{text}: {parsed:?}"
        );
    }
}

#[test]
fn anchors_and_merge_keys() {
    assert_eq!(
        json("a: &a {x: 1, w: 2}\nb: *a\nc:\n  <<: *a\n  w: 3\nd:\n  <<: [*a, {x: 9, z: 4}]\n"),
        r#"{"a":{"x":1,"w":2},"b":{"x":1,"w":2},"c":{"w":3,"x":1},"d":{"x":1,"w":2,"z":4}}"#
    );
    assert_eq!(json("\"<<\": 1\n"), r#"{"<<":1}"#);
    assert_eq!(
        errors("a:\n  <<: text\n"),
        ["2:7: `<<` can only bring in a mapping or a list of mappings: point it at one"]
    );
    assert_eq!(
        errors("a: *b\n"),
        [
            "1:4: this alias names no anchor before it in the document: define the anchor first, \
          or quote the text if no alias is meant"
        ]
    );
}

#[test]
fn tabs_are_refused_with_advice() {
    assert_eq!(
        errors("a:\n\tb: 1\n"),
        ["2:2: a tab cannot indent YAML: use spaces instead"]
    );
}

#[test]
fn json_with_tabs_and_in_a_row() {
    let text = "{\n\t\"kind\": \"Pod\",\n\t\"spec\": {\n\t\t\"a\": [\n\t\t\t1,\n\t\t\t\"x\\ty\"\n\t\t]\n\t}\n}\n";
    let document = one(text);
    assert_eq!(
        serde_json::to_string(&document).unwrap(),
        r#"{"kind":"Pod","spec":{"a":[1,"x\ty"]}}"#
    );
    assert_eq!(document.locate("/spec/a/1"), at(6, 4));

    let parsed = read("{\"a\": 1}\n{\"b\":\n\t2} {\"c\": \"}\"}\n");
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.documents.len(), 3);
    assert_eq!(parsed.documents[1].locate("/b"), at(2, 2));
    assert_eq!(parsed.documents[2].locate("/c"), at(3, 6));

    assert_eq!(json("[1,\n\t2]"), "[1,2]");
    assert!(!read("{\"a\": [1}\n").errors.is_empty());
}

#[test]
fn helm_templates_are_recognised() {
    for text in [
        "spec:\n  replicas: {{ .Values.replicas }}\n",
        "a: 1\n{{- if .Values.on }}\nb: 2\n{{- end }}\n",
        "metadata:\n  labels:\n    {{- include \"x\" . | nindent 4 }}\n",
    ] {
        let said = errors(text);
        assert!(
            said[0]
                .ends_with("this looks like a Helm template: render it first with `helm template`"),
            "{said:?}"
        );
    }
    assert!(!errors("a: [1\n")[0].contains("Helm"));
}

#[test]
fn lists_are_expanded() {
    let found = objects(one(
        "kind: List\nitems:\n- kind: Pod\n- kind: PodList\n  items: [{kind: Pod, n: 2}]\n- kind: Pod\n",
    ));
    let lines: Vec<_> = found.iter().map(|object| object.position.line).collect();
    assert_eq!(lines, [3, 5, 6]);
    assert_eq!(objects(one("kind: Allowlist\n")).len(), 1);
    assert_eq!(objects(one("kind: List\nitems: {a: 1}\n")).len(), 1);
    assert_eq!(objects(one("kind: List\nitems: []\n")).len(), 0);
    assert!(matches!(
        objects(one("text"))[0].value,
        NodeValue::String(_)
    ));
}

#[test]
fn bytes_that_are_not_text() {
    assert_eq!(decode("grün".as_bytes()), Ok("grün"));
    assert_eq!(
        decode(b"a: 1\nb: \xc3\xbc\xff\n").unwrap_err().to_string(),
        "2:5: this byte is not UTF-8: save the file as UTF-8"
    );
}
