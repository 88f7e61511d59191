//! The checks of other tools that this catalogue answers for: the list against which its coverage is counted.

/// A check of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// `tool:id`.
    pub id: &'static str,
    /// Why no check covers it, where none does on purpose.
    pub left_out: Option<&'static str>,
}

/// Every check of every tool that was looked at, by tool and id.
pub fn all() -> impl Iterator<Item = Peer> {
    let lines = include_str!("peers.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| match line.split_once('\t') {
        Some((id, why)) => Peer {
            id,
            left_out: Some(why),
        },
        None => Peer {
            id: line,
            left_out: None,
        },
    })
}
