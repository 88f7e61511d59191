//! Functions that may cost more than the size of what they are given, and therefore pay as they go: those that
//! multiply, and regular expressions (k8s.io/apiserver/pkg/cel/library/regex.go).

use std::{collections::BTreeMap, sync::Arc};

use cel::{
    Context, DeclarationError, ExecutionError, FunctionContext,
    common::{
        types::{CelBool, CelInt, CelList, CelMap, CelString},
        value::{CowVal, Val},
    },
};
use regex::{Regex, RegexBuilder};

use crate::rule::budget::{Budget, PAY, TURNS, steps_of_text};

/// The most characters of a regular expression.
const LONGEST_PATTERN: usize = 512;

/// The most bytes that a compiled regular expression takes.
const PATTERN_BYTES: usize = 256 * 1024;

/// What it costs to compile a regular expression that is not written out in the rule.
const COMPILING: u64 = 5_000;

/// The regular expressions that are written out in a rule.
pub(in crate::rule) type Patterns = BTreeMap<String, Regex>;

type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;
type Function =
    Box<dyn for<'b, 'v> Fn(&mut FunctionContext<'b, 'v>) -> Outcome<'b, 'v> + Send + Sync>;
type Body = for<'b, 'v> fn(&Counted, Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v>;

/// What the functions share.
#[derive(Clone)]
struct Counted {
    budget: Budget,
    patterns: Arc<Patterns>,
}

/// Compiles a regular expression, or says what is wrong with it in one line.
pub(in crate::rule) fn pattern(text: &str) -> Result<Regex, String> {
    if text.chars().count() > LONGEST_PATTERN {
        return Err(format!("longer than {LONGEST_PATTERN} characters"));
    }
    let compiled = RegexBuilder::new(text).size_limit(PATTERN_BYTES).build();
    compiled.map_err(|err| {
        let words = err.to_string();
        let last = words.lines().last().unwrap_or_default();
        last.trim_start_matches("error: ").to_owned()
    })
}

/// Adds the functions to what one evaluation knows.
pub(in crate::rule) fn add_counted(
    context: &mut Context<'_, '_>,
    budget: &Budget,
    patterns: &Arc<Patterns>,
) -> Result<(), DeclarationError> {
    let functions: [(&str, Body); 12] = [
        (PAY, pay),
        (TURNS, turns),
        ("@matches", matches),
        ("@replace", replace),
        ("@join", join),
        ("@indexOf", index_of),
        ("@lastIndexOf", last_index_of),
        ("find", find),
        ("findAll", find_all),
        ("sets.contains", sets_contain),
        ("sets.equivalent", sets_equivalent),
        ("sets.intersects", sets_intersect),
    ];
    for (name, body) in functions {
        let counted = Counted {
            budget: budget.clone(),
            patterns: Arc::clone(patterns),
        };
        let function: Function = Box::new(move |call| {
            let target = call.this.take();
            let args = std::mem::take(&mut call.args);
            body(&counted, target.into_iter().chain(args).collect())
        });
        context.add_function(name, function)?;
    }
    Ok(())
}

fn pay<'b, 'v>(counted: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let [value] = taken("pay", args)?;
    counted.budget.pay(value.as_ref())?;
    Ok(value)
}

/// Pays for the turns of a loop. Those over a map go by its keys in order, so that a message that is made of them
/// is the same each time.
fn turns<'b, 'v>(counted: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let [range, cost] = taken("turns", args)?;
    counted.budget.pay(range.as_ref())?;
    let cost = cost
        .as_ref()
        .downcast_ref::<CelInt>()
        .map_or(1, |cost| cost.inner().unsigned_abs());
    if let Some(list) = range.as_ref().downcast_ref::<CelList<'_>>() {
        counted.budget.spend(cost * length(list.inner()))?;
        return Ok(range);
    }
    let Some(map) = range.as_ref().downcast_ref::<CelMap<'_>>() else {
        return Ok(range);
    };
    let keys = map.inner().keys().map(|key| {
        let key: &dyn Val = key.inner();
        let text = key.downcast_ref::<CelString<'_>>();
        let text = text.map_or_else(|| format!("{key:?}"), |text| text.inner().to_owned());
        (text, owned_key(key))
    });
    let mut keys: Vec<(String, Box<dyn Val + 'v>)> = keys.collect();
    counted.budget.spend(cost * length(&keys))?;
    keys.sort_by(|(one, _), (other, _)| one.cmp(other));
    let keys = keys.into_iter().map(|(_, key)| key).collect::<Vec<_>>();
    Ok(CowVal::owned(CelList::from(keys)))
}

fn owned_key<'v>(key: &dyn Val) -> Box<dyn Val + 'v> {
    match key.downcast_ref::<CelString<'_>>() {
        Some(text) => Box::new(CelString::from(text.inner().to_owned())),
        None => match key.downcast_ref::<CelBool>() {
            Some(word) => Box::new(CelBool::from(*word.inner())),
            None => Box::new(CelInt::from(
                key.downcast_ref::<CelInt>()
                    .map_or(0, |number| *number.inner()),
            )),
        },
    }
}

fn matches<'b, 'v>(counted: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let [text, pattern] = taken("matches", args)?;
    let found = counted.search("matches", &text, &pattern, |regex, text| {
        regex.is_match(text)
    })?;
    Ok(CowVal::owned(CelBool::from(found)))
}

fn find<'b, 'v>(counted: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let [text, pattern] = taken("find", args)?;
    let found = counted.search("find", &text, &pattern, |regex, text| {
        regex
            .find(text)
            .map_or_else(String::new, |found| found.as_str().to_owned())
    })?;
    Ok(CowVal::owned(CelString::from(found)))
}

fn find_all<'b, 'v>(counted: &Counted, mut args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let most = (args.len() == 3).then(|| args.pop()).flatten();
    let most = match most
        .as_ref()
        .and_then(|most| most.as_ref().downcast_ref::<CelInt>())
    {
        Some(most) => usize::try_from(*most.inner()).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let [text, pattern] = taken("findAll", args)?;
    let found = counted.search("findAll", &text, &pattern, |regex, text| {
        let found = regex.find_iter(text).take(most);
        found
            .map(|found| found.as_str().to_owned())
            .collect::<Vec<_>>()
    })?;
    counted.budget.spend(length(&found))?;
    let texts = found
        .into_iter()
        .map(|text| -> Box<dyn Val + 'v> { Box::new(CelString::from(text)) });
    Ok(CowVal::owned(CelList::from(texts.collect::<Vec<_>>())))
}

impl Counted {
    fn search<T>(
        &self,
        name: &str,
        text: &CowVal<'_, '_>,
        pattern: &CowVal<'_, '_>,
        search: impl FnOnce(&Regex, &str) -> T,
    ) -> Result<T, ExecutionError> {
        let (text, written) = (text_of(name, text)?, text_of(name, pattern)?);
        self.budget.spend(8 * (1 + steps_of_text(text)))?;
        if let Some(known) = self.patterns.get(written) {
            return Ok(search(known, text));
        }
        self.budget.spend(COMPILING)?;
        let compiled =
            self::pattern(written).map_err(|err| ExecutionError::function_error(name, err))?;
        Ok(search(&compiled, text))
    }
}

/// The result may be as long as both texts multiplied.
fn replace<'b, 'v>(counted: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let [text, from, to] = taken("replace", args)?;
    let (text, from, to) = (
        text_of("replace", &text)?,
        text_of("replace", &from)?,
        text_of("replace", &to)?,
    );
    let places = if from.is_empty() {
        text.chars().count() + 1
    } else {
        text.matches(from).count()
    };
    counted.budget.spend(
        steps_of_text(to)
            .saturating_add(1)
            .saturating_mul(count(places)),
    )?;
    Ok(CowVal::owned(CelString::from(text.replace(from, to))))
}

fn join<'b, 'v>(counted: &Counted, mut args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let separator = (args.len() == 2).then(|| args.pop()).flatten();
    let separator = separator
        .as_ref()
        .map_or(Ok(""), |separator| text_of("join", separator))?;
    let [list] = taken("join", args)?;
    let items = list_of("join", &list)?;
    counted.budget.spend(
        steps_of_text(separator)
            .saturating_add(1)
            .saturating_mul(length(items)),
    )?;
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        let text = item.as_ref().downcast_ref::<CelString<'_>>();
        texts.push(text.ok_or_else(|| wrong("join"))?.inner());
    }
    Ok(CowVal::owned(CelString::from(texts.join(separator))))
}

fn index_of<'b, 'v>(_: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let [target, wanted] = taken("indexOf", args)?;
    let index = match text_of("indexOf", &target) {
        Ok(text) => characters_before(text, text.find(text_of("indexOf", &wanted)?)),
        Err(_) => list_of("indexOf", &target)?
            .iter()
            .position(|item| item.as_ref().equals(wanted.as_ref())),
    };
    Ok(position(index))
}

fn last_index_of<'b, 'v>(_: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let [target, wanted] = taken("lastIndexOf", args)?;
    let index = match text_of("lastIndexOf", &target) {
        Ok(text) => characters_before(text, text.rfind(text_of("lastIndexOf", &wanted)?)),
        Err(_) => list_of("lastIndexOf", &target)?
            .iter()
            .rposition(|item| item.as_ref().equals(wanted.as_ref())),
    };
    Ok(position(index))
}

fn characters_before(text: &str, byte: Option<usize>) -> Option<usize> {
    byte.and_then(|byte| text.get(..byte))
        .map(|before| before.chars().count())
}

/// -1 where there is none.
fn position<'b, 'v>(index: Option<usize>) -> CowVal<'b, 'v> {
    let index = index.and_then(|index| i64::try_from(index).ok());
    CowVal::owned(CelInt::from(index.unwrap_or(-1)))
}

fn sets_contain<'b, 'v>(counted: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    counted.sets("sets.contains", args, |set, others| {
        others.iter().all(|other| is_in(other.as_ref(), set))
    })
}

fn sets_equivalent<'b, 'v>(counted: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    counted.sets("sets.equivalent", args, |set, others| {
        others.iter().all(|other| is_in(other.as_ref(), set))
            && set.iter().all(|one| is_in(one.as_ref(), others))
    })
}

fn sets_intersect<'b, 'v>(counted: &Counted, args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    counted.sets("sets.intersects", args, |set, others| {
        others.iter().any(|other| is_in(other.as_ref(), set))
    })
}

type Items<'b> = &'b [Box<dyn Val + 'b>];

fn is_in(one: &dyn Val, set: Items<'_>) -> bool {
    set.iter().any(|other| one.equals(other.as_ref()))
}

impl Counted {
    /// Each of one list is compared with each of the other.
    fn sets<'b, 'v>(
        &self,
        name: &str,
        args: Vec<CowVal<'b, 'v>>,
        holds: impl FnOnce(Items<'_>, Items<'_>) -> bool,
    ) -> Outcome<'b, 'v> {
        let [one, other] = taken(name, args)?;
        let (set, others) = (list_of(name, &one)?, list_of(name, &other)?);
        for item in others {
            self.budget.spend(length(set))?;
            self.budget.pay(item.as_ref())?;
        }
        for item in set {
            self.budget.pay(item.as_ref())?;
        }
        Ok(CowVal::owned(CelBool::from(holds(set, others))))
    }
}

fn taken<'b, 'v, const N: usize>(
    name: &str,
    args: Vec<CowVal<'b, 'v>>,
) -> Result<[CowVal<'b, 'v>; N], ExecutionError> {
    args.try_into().map_err(|_| wrong(name))
}

fn text_of<'a>(name: &str, value: &'a CowVal<'_, '_>) -> Result<&'a str, ExecutionError> {
    let text = value.as_ref().downcast_ref::<CelString<'_>>();
    text.map(CelString::inner).ok_or_else(|| wrong(name))
}

fn list_of<'a, 'v>(
    name: &str,
    value: &'a CowVal<'_, 'v>,
) -> Result<&'a [Box<dyn Val + 'v>], ExecutionError> {
    let list = value.as_ref().downcast_ref::<CelList<'v>>();
    list.map(CelList::inner).ok_or_else(|| wrong(name))
}

fn wrong(name: &str) -> ExecutionError {
    ExecutionError::function_error(name, "not what it takes")
}

fn length<T>(items: &[T]) -> u64 {
    count(items.len())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
