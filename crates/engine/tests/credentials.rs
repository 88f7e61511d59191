//! How well credentials are told from what is only called like them: a table of public naming habits,
//! written by hand.

#[path = "credentials/habits/mod.rs"]
mod habits;

use habits::{Habit, habits};
use prodready_engine::credential::{in_command, in_text, in_variable};
use proptest::prelude::{ProptestConfig, prop, proptest};

#[test]
fn credentials_are_told_from_what_is_called_like_them() {
    let habits = habits();
    let told = |entry: &&Habit| in_variable(entry.0, entry.1).is_some();
    let right = habits.iter().filter(|entry| entry.2).filter(told).count();
    let wrong: Vec<_> = habits
        .iter()
        .filter(|entry| !entry.2)
        .filter(told)
        .collect();
    let missed: Vec<_> = habits
        .iter()
        .filter(|entry| entry.2 && !told(entry))
        .collect();

    let share = |part: usize, others: usize| {
        let count = |number: usize| f64::from(u32::try_from(number).unwrap());
        count(part) / count(part + others)
    };
    let (precision, recall) = (share(right, wrong.len()), share(right, missed.len()));
    println!(
        "{} entries: precision {precision:.3}, recall {recall:.3}",
        habits.len()
    );
    println!("taken for credentials: {wrong:#?}\nmissed: {missed:#?}");
    assert!(precision >= 0.98, "precision is {precision:.3}");
    assert!(recall >= 0.95, "recall is {recall:.3}");
}

#[test]
fn the_table_is_large_and_balanced() {
    let mut habits = habits();
    let credentials = habits.iter().filter(|entry| entry.2).count();
    let others = habits.len() - credentials;
    habits.sort_unstable();
    habits.dedup();
    assert!(habits.len() >= 300, "{} different entries", habits.len());
    assert!(
        credentials * 3 >= others * 2 && others * 3 >= credentials * 2,
        "{credentials} to {others}"
    );
}

#[test]
fn what_is_told_never_holds_the_value() {
    for (name, value, _) in habits() {
        if let Some(credential) = in_variable(name, value) {
            let said = credential.to_string();
            // Words such as "admin" are too short to tell a leak from an accident.
            assert!(value.len() < 6 || !said.contains(value), "{name}: {said}");
        }
    }
}

#[test]
fn long_texts_of_the_worst_kind_are_read_in_one_pass() {
    // A second look at the rest for each of these would take hours.
    for part in [
        "=",
        "://a:",
        "-----BEGIN ",
        "curl -u ",
        "@tcp(",
        "\":",
        "password=",
        "a ",
        "$(",
        "'",
    ] {
        let text = part.repeat(256 * 1024 / part.len());
        in_variable("A", &text);
        in_text("a.yaml", &text);
        in_command(["sh", "-c", &text]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_odd(parts in prop::collection::vec("(\\PC{0,6}|password|://|[=:'\"$@?# \n]|-p|[.]){0,12}", 2)) {
        let [name, value] = [&parts[0], &parts[1]];
        in_variable(name, value);
        in_text(name, value);
        in_command([name.as_str(), value]);
    }
}
