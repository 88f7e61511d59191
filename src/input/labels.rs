//! Label selectors as people type them: `app=cart,tier in (web, api),!canary`.

use prodready_engine::object::selector::{LabelSelector, Operator, Requirement};

/// Reads a selector, or says what is wrong with it.
pub fn parse_selector(text: &str) -> Result<LabelSelector, String> {
    let mut selector = LabelSelector::default();
    for part in parts(text) {
        selector.match_expressions.push(requirement(part.trim())?);
    }
    Ok(selector)
}

/// The parts between the commas that are not in parentheses.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let split = text.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth <= 0
    });
    split.filter(|part| !part.trim().is_empty()).collect()
}

fn requirement(text: &str) -> Result<Requirement, String> {
    if let Some((key, value)) = text.split_once("!=") {
        return of(text, key, Operator::NotIn, &[value]);
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return of(text, key, Operator::In, &[value]);
    }
    if let Some(key) = text.strip_prefix('!') {
        return of(text, key, Operator::DoesNotExist, &[]);
    }
    let Some((head, list)) = text.split_once('(') else {
        return of(text, text, Operator::Exists, &[]);
    };
    let values = list.strip_suffix(')').ok_or_else(|| {
        format!("{text:?}: the list of values is never closed: close it with `)`")
    })?;
    let values: Vec<&str> = values.split(',').collect();
    match head.trim().rsplit_once(char::is_whitespace) {
        Some((key, "in")) => of(text, key, Operator::In, &values),
        Some((key, "notin")) => of(text, key, Operator::NotIn, &values),
        _ => Err(format!(
            "{text:?}: before a list of values stands `in` or `notin`"
        )),
    }
}

fn of(text: &str, key: &str, operator: Operator, values: &[&str]) -> Result<Requirement, String> {
    let key = key.trim();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let in_key = |letter: char| plain(letter) || letter == '/';
    let good_values = values.iter().all(|value| value.trim().chars().all(plain));
    if key.is_empty() || !key.chars().all(in_key) || !good_values {
        return Err(format!(
            "{text:?} is no label selector: write key=value, key!=value, key, !key or `key in (a,b)`"
        ));
    }
    Ok(Requirement {
        key: key.to_owned(),
        operator,
        values: values.iter().map(|value| value.trim().to_owned()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use prodready_engine::object::metadata::Labels;

    use super::parse_selector;

    fn matches(selector: &str) -> bool {
        let labels = [("app", "cart"), ("tier", "web")];
        let labels: Labels = labels
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        parse_selector(selector).unwrap().matches(&labels)
    }

    #[test]
    fn selectors_mean_what_they_mean_to_kubectl() {
        for selected in [
            "",
            "app",
            "app=cart",
            "app==cart",
            "app=cart,tier=web",
            "app!=shop",
            "canary!=yes",
            "!canary",
            "tier in (api, web)",
            "tier notin (api),app=cart",
        ] {
            assert!(matches(selected), "{selected}");
        }
        for left_out in [
            "canary",
            "app=shop",
            "app!=cart",
            "!app",
            "tier in (api)",
            "tier notin (api,web)",
            "app=cart,tier=api",
        ] {
            assert!(!matches(left_out), "{left_out}");
        }
    }

    #[test]
    fn what_is_no_selector_is_refused_with_what_to_write() {
        for wrong in [
            "=cart",
            "app=(cart",
            "app=a b",
            "tier in (web",
            "tier of (web)",
            "two words",
        ] {
            let said = parse_selector(wrong).unwrap_err();
            assert!(said.contains(wrong), "{said}");
        }
    }
}
