//! Every field of the table is taken wherever it stands, and nothing beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{policy, rule, with};
use crate::{api::vocabulary::WorkloadKind, schema::definition};

const TABLE: &str = include_str!("../../schema/fields.tsv");

type Fields = BTreeMap<&'static str, Vec<(&'static str, &'static str)>>;

fn table() -> Fields {
    let mut fields = Fields::new();
    for line in TABLE.lines() {
        let [definition, field, kind] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        fields.entry(definition).or_default().push((field, kind));
    }
    fields
}

/// Each field that something at a path has, and each of what is in it, once for each definition.
fn paths(
    fields: &Fields,
    definition: &'static str,
    at: &str,
    seen: &mut BTreeSet<&'static str>,
    found: &mut Vec<(String, &'static str)>,
) {
    if !seen.insert(definition) {
        return;
    }
    for (field, kind) in &fields[definition] {
        found.push((at.to_owned(), field));
        let mut inner = format!("{at}.{field}");
        let mut kind = *kind;
        while let Some(item) = kind.strip_prefix(['[', '{']) {
            inner += if kind.starts_with('[') {
                "[0]"
            } else {
                "['any']"
            };
            kind = item;
        }
        if fields.contains_key(kind) {
            paths(fields, kind, &inner, seen, found);
        }
    }
}

fn rules(expressions: impl Iterator<Item = String>, kind: &str) -> Value {
    let rules = expressions.enumerate().map(|(number, expression)| {
        let more = json!({"id": format!("acme.rule-{number}"), "kinds": [kind]});
        with(rule(&expression), more)
    });
    rules.collect()
}

#[test]
fn every_field_of_every_workload_is_taken_and_a_longer_name_is_told() {
    let fields = table();
    for kind in WorkloadKind::ALL {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        paths(&fields, definition(kind), "object", &mut seen, &mut found);
        assert!(found.len() > 400, "{kind}: {}", found.len());

        let read = found.iter().map(|(at, field)| format!("{at}.{field} == 1"));
        assert_eq!(policy(&rules(read, kind.as_str())).err(), None, "{kind}");
        let asked = found.iter().map(|(at, field)| format!("has({at}.{field})"));
        assert_eq!(policy(&rules(asked, kind.as_str())).err(), None, "{kind}");

        let longer = found
            .iter()
            .map(|(at, field)| format!("has({at}.{field}Zz)"));
        let told = policy(&rules(longer, kind.as_str())).err().unwrap();
        assert_eq!(told.len(), found.len(), "{kind}");
        for ((at, field), told) in found.iter().zip(&told) {
            // Behind `has(`, the path and the point.
            let column = at.len() + 6;
            assert!(
                told.message.contains(&format!(": 1:{column}: "))
                    && told
                        .message
                        .contains(&format!(") has no field {field}Zz; ")),
                "{at}: {told}"
            );
        }
    }
}
