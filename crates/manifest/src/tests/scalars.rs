use super::{errors, json};

#[test]
fn plain_scalars_mean_what_they_mean_to_kubectl() {
    let table = [
        ("0644", "420"),
        ("0o17", "15"),
        ("0x1F", "31"),
        ("-0x1F", "-31"),
        ("0b101", "5"),
        ("1_000", "1000"),
        ("0_644", "420"),
        ("+1", "1"),
        ("-0", "0"),
        ("00", "0"),
        ("08", "8"),
        ("1e3", "1000"),
        ("1.0", "1"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-.5", "-0.5"),
        ("1.5e-3", "0.0015"),
        ("9223372036854775807", "9223372036854775807"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("1e400", "\"1e400\""),
        ("0x", "\"0x\""),
        ("0o8", "\"0o8\""),
        ("1-1", "\"1-1\""),
        ("--1", "\"--1\""),
        ("-+1", "\"-+1\""),
        ("100m", "\"100m\""),
        ("1Gi", "\"1Gi\""),
        ("1.2.3", "\"1.2.3\""),
        ("012:30", "\"012:30\""),
        ("2024-01-01", "\"2024-01-01\""),
        (".", "\".\""),
        (".e5", "\".e5\""),
        ("_1", "\"_1\""),
        ("inf", "\"inf\""),
        ("nan", "\"nan\""),
        ("", "null"),
        ("~", "null"),
        ("null", "null"),
        ("NULL", "null"),
        ("nULL", "\"nULL\""),
        ("trUe", "\"trUe\""),
        ("yeS", "\"yeS\""),
        ("\"1\"", "\"1\""),
        ("'yes'", "\"yes\""),
        ("\"\"", "\"\""),
        ("|\n  yes", "\"yes\\n\""),
        (">-\n  1", "\"1\""),
        ("!!str 1", "\"1\""),
        ("!!str", "\"\""),
        ("!!int \"5\"", "5"),
        ("!!float 1", "1"),
        ("!!float 1.5", "1.5"),
        ("!!bool \"yes\"", "true"),
        ("!!null \"\"", "null"),
        ("!Ref 5", "\"5\""),
        ("!!timestamp 2024-01-01", "\"2024-01-01\""),
    ];
    for (written, meant) in table {
        let text = format!("v: {written}\n");
        assert_eq!(json(&text), format!("{{\"v\":{meant}}}"), "{written}");
    }
}

#[test]
fn words_for_true_and_false() {
    for word in [
        "y", "Y", "yes", "Yes", "YES", "true", "True", "on", "On", "ON",
    ] {
        assert_eq!(json(&format!("v: {word}")), r#"{"v":true}"#, "{word}");
    }
    for word in [
        "n", "N", "no", "No", "NO", "false", "False", "off", "Off", "OFF",
    ] {
        assert_eq!(json(&format!("v: {word}")), r#"{"v":false}"#, "{word}");
    }
}

#[test]
fn keys_are_always_text() {
    assert_eq!(
        json("n: 1\non: 2\n0644: 3\n1.5: 4\n'yes': 5\n"),
        r#"{"false":1,"true":2,"420":3,"1.5":4,"yes":5}"#
    );
    assert_eq!(
        errors("a: 1\n? {b: 1}\n: 2\n"),
        ["2:3: a list or a mapping cannot be a key: quote the text if none is meant"]
    );
    assert_eq!(
        errors("a: 1\n~: 2\n"),
        ["2:1: this key is empty or null: name the entry, or quote the key"]
    );
}

#[test]
fn tags_that_do_not_fit_are_errors() {
    assert_eq!(
        errors("v: !!int two\n"),
        [
            "1:10: `two` is not a whole number, as its tag !!int says: change the value or drop the tag"
        ]
    );
    assert_eq!(
        errors("v: !!binary aGk=\n"),
        ["1:13: binary values are not read: write them as text"]
    );
}
