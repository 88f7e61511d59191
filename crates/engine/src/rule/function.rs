//! The functions that an expression may call: their names, how many arguments they take, and what they give.

use std::ops::RangeInclusive;

use cel::common::ast::Expr;

/// What a part of an expression gives, as far as that is known before it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// Something else, in words.
    Other(&'static str),
    /// That shows when it is evaluated.
    Anything,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `size(x)`, or `sets.contains(x, y)`.
    Global,
    /// `x.size()`.
    Member,
}

/// A function that an expression may call.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) style: Style,
    pub(super) arguments: RangeInclusive<usize>,
    pub(super) gives: Gives,
}

/// The first halves of names such as `sets.contains`.
const NAMESPACES: [&str; 3] = ["sets", "ip", "optional"];

/// Functions whose cost is more than the size of what they are given, with those that stand in for them.
const IN_PLACE_OF: [(&str, &str); 5] = [
    ("replace", "@replace"),
    ("join", "@join"),
    ("indexOf", "@indexOf"),
    ("lastIndexOf", "@lastIndexOf"),
    ("matches", "@matches"),
];

/// The name under which a function is evaluated.
pub(super) fn in_force(name: &str) -> &str {
    let found = IN_PLACE_OF.iter().find(|(written, _)| *written == name);
    found.map_or(name, |(_, name)| name)
}

/// Whether an expression is the first half of a function's name.
pub(super) fn is_namespace(expression: &Expr) -> bool {
    matches!(expression, Expr::Ident(name) if NAMESPACES.contains(&name.as_str()))
}

/// A function by name and style.
pub(super) fn find(name: &str, style: Style) -> Option<Function> {
    all().find(|function| function.name == name && function.style == style)
}

/// Every function.
pub(super) fn all() -> impl Iterator<Item = Function> {
    let global = GLOBAL.iter().map(|one| (Style::Global, one));
    let member = MEMBER.iter().map(|one| (Style::Member, one));
    global
        .chain(member)
        .map(|(style, (name, least, most, gives))| Function {
            name,
            style,
            arguments: *least..=*most,
            gives: *gives,
        })
}

type Row = (&'static str, usize, usize, Gives);

const NUMBER: Gives = Gives::Other("a number");
const LIST: Gives = Gives::Other("a list");
const QUANTITY: Gives = Gives::Other("a quantity");
const OPTIONAL: Gives = Gives::Other("an optional");

const GLOBAL: [Row; 26] = [
    ("size", 1, 1, NUMBER),
    ("string", 1, 1, Gives::Text),
    ("int", 1, 1, NUMBER),
    ("uint", 1, 1, NUMBER),
    ("double", 1, 1, NUMBER),
    ("bool", 1, 1, Gives::Bool),
    ("bytes", 1, 1, Gives::Other("bytes")),
    ("type", 1, 1, Gives::Other("a type")),
    ("dyn", 1, 1, Gives::Anything),
    ("matches", 2, 2, Gives::Bool),
    ("quantity", 1, 1, QUANTITY),
    ("isQuantity", 1, 1, Gives::Bool),
    ("url", 1, 1, Gives::Other("a URL")),
    ("isURL", 1, 1, Gives::Bool),
    ("ip", 1, 1, Gives::Other("an IP address")),
    ("isIP", 1, 1, Gives::Bool),
    ("ip.isCanonical", 1, 1, Gives::Bool),
    ("cidr", 1, 1, Gives::Other("a CIDR")),
    ("isCIDR", 1, 1, Gives::Bool),
    ("sets.contains", 2, 2, Gives::Bool),
    ("sets.equivalent", 2, 2, Gives::Bool),
    ("sets.intersects", 2, 2, Gives::Bool),
    ("optional.of", 1, 1, OPTIONAL),
    ("optional.none", 0, 0, OPTIONAL),
    ("optional.ofNonZeroValue", 1, 1, OPTIONAL),
    ("has", 1, 1, Gives::Bool),
];

const MEMBER: [Row; 52] = [
    // Texts
    ("size", 0, 0, NUMBER),
    ("contains", 1, 1, Gives::Bool),
    ("startsWith", 1, 1, Gives::Bool),
    ("endsWith", 1, 1, Gives::Bool),
    ("matches", 1, 1, Gives::Bool),
    ("find", 1, 1, Gives::Text),
    ("findAll", 1, 2, LIST),
    ("charAt", 1, 1, Gives::Text),
    ("indexOf", 1, 1, NUMBER),
    ("lastIndexOf", 1, 1, NUMBER),
    ("join", 0, 1, Gives::Text),
    ("lowerAscii", 0, 0, Gives::Text),
    ("upperAscii", 0, 0, Gives::Text),
    ("trim", 0, 0, Gives::Text),
    ("replace", 2, 2, Gives::Text),
    ("split", 1, 2, LIST),
    ("substring", 1, 2, Gives::Text),
    ("reverse", 0, 0, Gives::Text),
    // Lists
    ("isSorted", 0, 0, Gives::Bool),
    ("sum", 0, 0, Gives::Anything),
    ("min", 0, 0, Gives::Anything),
    ("max", 0, 0, Gives::Anything),
    // Quantities
    ("isGreaterThan", 1, 1, Gives::Bool),
    ("isLessThan", 1, 1, Gives::Bool),
    ("compareTo", 1, 1, NUMBER),
    ("isInteger", 0, 0, Gives::Bool),
    ("asInteger", 0, 0, NUMBER),
    ("asApproximateFloat", 0, 0, NUMBER),
    ("sign", 0, 0, NUMBER),
    ("add", 1, 1, QUANTITY),
    ("sub", 1, 1, QUANTITY),
    // URLs
    ("getScheme", 0, 0, Gives::Text),
    ("getHost", 0, 0, Gives::Text),
    ("getHostname", 0, 0, Gives::Text),
    ("getPort", 0, 0, Gives::Text),
    ("getEscapedPath", 0, 0, Gives::Text),
    ("getQuery", 0, 0, Gives::Other("a map")),
    // Addresses
    ("family", 0, 0, NUMBER),
    ("isUnspecified", 0, 0, Gives::Bool),
    ("isLoopback", 0, 0, Gives::Bool),
    ("isLinkLocalMulticast", 0, 0, Gives::Bool),
    ("isLinkLocalUnicast", 0, 0, Gives::Bool),
    ("isGlobalUnicast", 0, 0, Gives::Bool),
    ("containsIP", 1, 1, Gives::Bool),
    ("containsCIDR", 1, 1, Gives::Bool),
    ("ip", 0, 0, Gives::Other("an IP address")),
    ("masked", 0, 0, Gives::Other("a CIDR")),
    ("prefixLength", 0, 0, NUMBER),
    // Optionals
    ("hasValue", 0, 0, Gives::Bool),
    ("value", 0, 0, Gives::Anything),
    ("or", 1, 1, OPTIONAL),
    ("orValue", 1, 1, Gives::Anything),
];
