//! The catalogue by other people's lists: Pod Security Standards, CIS, NSA/CISA, PCI DSS, SOC 2.

/// One control of a list, and the checks that answer for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The list. Example: `cis`.
    pub view: &'static str,
    /// The control's number or name in it. Example: `5.1.3`.
    pub name: &'static str,
    /// What it asks, in our own words.
    pub asks: &'static str,
    /// The ids of the checks that answer for it. What else a control asks, no cluster can show.
    pub checks: Vec<&'static str>,
}

/// Every control of every list, in the order of the lists.
pub fn all() -> impl Iterator<Item = Control> {
    let lines = include_str!("views.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some(Control {
                view: cells.next()?,
                name: cells.next()?,
                asks: cells.next()?,
                checks: cells.next()?.split(',').collect(),
            })
        })
}

/// The names of the lists, in order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = all().map(|control| control.view).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::{all, names};
    use crate::checks;

    #[test]
    fn every_control_is_answered_by_checks_that_there_are() {
        let lines = include_str!("views.tsv").lines();
        let written = lines.filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().count(), written);
        for control in all() {
            for id in &control.checks {
                let place = format!("{} {}: {id}", control.view, control.name);
                assert!(checks::find(id).is_some(), "{place}");
            }
        }
    }

    #[test]
    fn every_list_stands_together() {
        let mut unique = names();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names().len());
        assert_eq!(
            names(),
            [
                "pss-baseline",
                "pss-restricted",
                "cis",
                "nsa-cisa",
                "pci-dss",
                "soc2"
            ]
        );
    }
}
