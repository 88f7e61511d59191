//! The blocks of a file of examples.

/// One fenced block, and what it expects.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The heading above it.
    pub(crate) heading: String,
    /// The line of the fence, from 1.
    pub(crate) line: usize,
    /// What is put around it: `pod`, `container`, a kind in lower case, or nothing.
    pub(crate) around: String,
    /// Its lines.
    pub(crate) lines: Vec<String>,
    /// The expected findings.
    pub(crate) fails: Vec<Mark>,
    /// Why the check cannot tell.
    pub(crate) unknown: Vec<String>,
    /// `complete`, `files` or `partial`.
    pub(crate) surroundings: String,
    /// Parameters with their values.
    pub(crate) parameters: Vec<(String, Vec<String>)>,
    lists: Vec<String>,
}

/// An expected finding.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// Its line in the block, from 1; 0 for what is put around it.
    pub(crate) line: usize,
    /// Part of what is said.
    pub(crate) text: String,
}

impl Block {
    /// Whether a parameter is written as a list.
    pub(crate) fn is_list(&self, name: &str) -> bool {
        self.lists.iter().any(|list| list == name)
    }

    /// Whether anything is expected beside a pass.
    pub(crate) fn fails(&self) -> bool {
        !self.fails.is_empty()
    }
}

/// All blocks of a file.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut heading = String::new();
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut heading);
        } else if let Some(info) = line.strip_prefix("```") {
            let body: Vec<String> = lines
                .by_ref()
                .map(|(_, line)| line.to_owned())
                .take_while(|line| line != "```")
                .collect();
            let around = info.strip_prefix("yaml").unwrap_or(info).trim();
            blocks.push(block(&heading, index + 1, around, body));
        }
    }
    blocks
}

fn block(heading: &str, line: usize, around: &str, lines: Vec<String>) -> Block {
    let mut block = Block {
        heading: heading.to_owned(),
        line,
        around: around.to_owned(),
        fails: Vec::new(),
        unknown: Vec::new(),
        surroundings: "complete".to_owned(),
        parameters: Vec::new(),
        lists: Vec::new(),
        lines: Vec::new(),
    };
    for (index, line) in lines.iter().enumerate() {
        block.read_comment(index + 1, line);
    }
    block.lines = lines;
    block
}

impl Block {
    fn read_comment(&mut self, number: usize, line: &str) {
        let Some((before, comment)) = line.split_once("# ") else {
            return;
        };
        let alone = before.trim().is_empty();
        if let Some(texts) = comment.strip_prefix("fails: ") {
            let line = if alone { 0 } else { number };
            self.fails.extend(texts.split("; fails: ").map(|text| Mark {
                line,
                text: text.trim().to_owned(),
            }));
        } else if let Some(text) = comment.strip_prefix("unknown: ") {
            self.unknown.push(text.trim().to_owned());
        } else if let Some(word) = comment.strip_prefix("surroundings: ") {
            word.trim().clone_into(&mut self.surroundings);
        } else if let Some(text) = comment.strip_prefix("parameters: ") {
            self.read_parameters(text);
        }
    }

    fn read_parameters(&mut self, text: &str) {
        let mut depth = 0;
        let parts = text.split(|letter| {
            depth += i32::from(letter == '[') - i32::from(letter == ']');
            letter == ',' && depth == 0
        });
        for part in parts {
            let Some((name, value)) = part.trim().split_once('=') else {
                panic!("no parameter: {part}")
            };
            let list = value
                .strip_prefix('[')
                .and_then(|list| list.strip_suffix(']'));
            if list.is_some() {
                self.lists.push(name.to_owned());
            }
            let values = list.unwrap_or(value).split(',');
            let values = values
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty());
            self.parameters.push((name.to_owned(), values.collect()));
        }
    }
}
