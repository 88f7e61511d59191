//! Fields that an expression asks for and that no kind has, found by following what each part of it may be through the
//! table of Kubernetes' fields. Where that cannot be known, every field is taken.

use std::collections::BTreeSet;

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, SourceInfo, operators,
};

use super::{
    asked::Asked,
    held::Held,
    mistake::{Mistake, place},
    related::Related,
    words::{self, text},
};
use crate::{
    api::vocabulary::WorkloadKind,
    object::Kind,
    schema::{Shape, Type},
};

/// The first field in an expression that nothing which it can be asked of has.
pub(super) fn unknown_field(
    expression: &IdedExpr,
    source: &SourceInfo,
    asked: Asked<'_>,
) -> Option<Mistake> {
    let found = |kinds| {
        let mut walk = Walk {
            source,
            asked: Asked { kinds, ..asked },
            names: Vec::new(),
        };
        walk.of(expression).err()
    };
    let own = found(asked.kinds)?;
    if !asked.tells_apart {
        return Some(own);
    }
    let of_any = found(&WorkloadKind::ALL)?;
    let at = |mistake: &Mistake| (mistake.line, mistake.column);
    // The rule's own kinds have fewer names.
    Some(if at(&own) == at(&of_any) { own } else { of_any })
}

struct Walk<'a> {
    source: &'a SourceInfo,
    asked: Asked<'a>,
    /// The names that loops give to what they go over, the innermost last.
    names: Vec<(String, Held)>,
}

/// A field that is asked for.
#[derive(Clone, Copy)]
struct Wanted<'e> {
    /// Of what.
    holder: &'e IdedExpr,
    name: &'e str,
    /// The key, where the field is written as one.
    key: Option<&'e IdedExpr>,
}

impl Walk<'_> {
    /// What an expression may come to, or the first field in it that is none.
    fn of(&mut self, expression: &IdedExpr) -> Result<Held, Mistake> {
        match &expression.expr {
            Expr::Literal(_) => Ok(Held::default()),
            Expr::Ident(name) => Ok(self.variable(name)),
            Expr::Select(select) => {
                let wanted = Wanted {
                    holder: &select.operand,
                    name: &select.field,
                    key: None,
                };
                let found = self.select(wanted)?;
                Ok(if select.test { Held::default() } else { found })
            }
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => self.all(&list.elements).map(Held::list),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.of(&entry.key)?;
                        self.of(&entry.value)?;
                    }
                }
                Ok(if map.entries.is_empty() {
                    Held::default()
                } else {
                    Held::anything()
                })
            }
            Expr::Struct(_) | Expr::Unspecified => Ok(Held::anything()),
        }
    }

    /// What any of some expressions may come to.
    fn all(&mut self, expressions: &[IdedExpr]) -> Result<Held, Mistake> {
        let mut all = Held::default();
        for expression in expressions {
            all.join(self.of(expression)?);
        }
        Ok(all)
    }

    fn bound(&self, name: &str) -> Option<&Held> {
        let mut names = self.names.iter().rev();
        names.find(|(own, _)| own == name).map(|(_, held)| held)
    }

    fn variable(&self, name: &str) -> Held {
        if let Some(held) = self.bound(name) {
            return held.clone();
        }
        match name {
            "object" | "oldObject" => self.asked.workload(),
            "container" => self.asked.container(),
            "namespaceObject" => self.asked.beside(Kind::Namespace),
            _ => Held::anything(),
        }
    }

    fn select(&mut self, wanted: Wanted<'_>) -> Result<Held, Mistake> {
        if let Expr::Ident(name) = &wanted.holder.expr
            && name == "related"
            && self.bound(name).is_none()
        {
            let related = Related::find(wanted.name);
            let object = related.map(|related| self.asked.beside(related.kind()));
            return Ok(object.map_or_else(Held::anything, Held::list));
        }
        let held = self.of(wanted.holder)?;
        self.field(&held, wanted)
    }

    fn field(&self, held: &Held, wanted: Wanted<'_>) -> Result<Held, Mistake> {
        if held.is_unknown() {
            return Ok(Held::anything());
        }
        let schema = self.asked.schema;
        let mut found = BTreeSet::new();
        for of in &held.types {
            match schema.shape(*of) {
                Shape::Any => return Ok(Held::anything()),
                Shape::Map(values) => drop(found.insert(values)),
                Shape::Fields(definition) => found.extend(schema.field(definition, wanted.name)),
                _ => {}
            }
        }
        if found.is_empty() {
            return Err(self.mistake(held, wanted));
        }
        Ok(self.known(found))
    }

    /// A value of one of some types.
    fn known(&self, types: BTreeSet<Type>) -> Held {
        let is_any = |of: &Type| matches!(self.asked.schema.shape(*of), Shape::Any);
        if types.iter().any(is_any) {
            return Held::anything();
        }
        Held::of(types)
    }

    fn call(&mut self, call: &CallExpr) -> Result<Held, Mistake> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::OPT_SELECT, [holder, field]) => match text(field) {
                Some(name) => {
                    let key = None;
                    self.select(Wanted { holder, name, key })
                }
                None => Ok(Held::anything()),
            },
            (operators::INDEX | operators::OPT_INDEX, [holder, key]) => self.index(holder, key),
            (operators::IN, [key, holder]) => self.is_in(key, holder),
            (operators::CONDITIONAL, [condition, then, otherwise]) => {
                self.of(condition)?;
                let mut either = self.of(then)?;
                either.join(self.of(otherwise)?);
                Ok(either)
            }
            (operators::ADD, parts) => self.all(parts),
            (name, arguments) => {
                let target = call.target.as_deref();
                let target = target.map(|target| self.of(target)).transpose()?;
                let argument = self.all(arguments)?;
                Ok(match (name, target) {
                    // An optional holds what it is asked for: a field of it is a field of what is in it.
                    ("value", Some(optional)) => optional,
                    ("or" | "orValue", Some(mut optional)) => {
                        optional.join(argument);
                        optional
                    }
                    ("of" | "ofNonZeroValue", Some(_)) => argument,
                    _ => Held::anything(),
                })
            }
        }
    }

    fn index(&mut self, holder: &IdedExpr, key: &IdedExpr) -> Result<Held, Mistake> {
        if let Some(name) = text(key) {
            let key = Some(key);
            return self.select(Wanted { holder, name, key });
        }
        self.of(key)?;
        let held = self.of(holder)?;
        Ok(self.within(&held))
    }

    /// What `'name' in object` asks for, where the object has fields and no keys of its own.
    fn is_in(&mut self, key: &IdedExpr, holder: &IdedExpr) -> Result<Held, Mistake> {
        self.of(key)?;
        let held = self.of(holder)?;
        let has_fields = |of: &Type| matches!(self.asked.schema.shape(*of), Shape::Fields(_));
        if let Some(name) = text(key)
            && held.items.is_none()
            && held.types.iter().all(has_fields)
        {
            let key = Some(key);
            self.field(&held, Wanted { holder, name, key })?;
        }
        Ok(Held::default())
    }

    /// Any item of a list, or any value of a map.
    fn within(&self, held: &Held) -> Held {
        let mut within = BTreeSet::new();
        for of in &held.types {
            match self.asked.schema.shape(*of) {
                Shape::List(inner) | Shape::Map(inner) => drop(within.insert(inner)),
                Shape::Fields(_) | Shape::Any => return Held::anything(),
                _ => {}
            }
        }
        self.beside_items(held, within)
    }

    /// What a loop over one variable goes over: the items of a list, or the keys of a map.
    fn gone_over(&self, held: &Held) -> Held {
        let mut items = BTreeSet::new();
        for of in &held.types {
            match self.asked.schema.shape(*of) {
                Shape::List(inner) => drop(items.insert(inner)),
                Shape::Any => return Held::anything(),
                _ => {}
            }
        }
        self.beside_items(held, items)
    }

    fn beside_items(&self, held: &Held, types: BTreeSet<Type>) -> Held {
        if held.is_unknown() {
            return Held::anything();
        }
        let mut found = self.known(types);
        if let Some(items) = &held.items {
            found.join((**items).clone());
        }
        found
    }

    fn comprehension(&mut self, loops: &ComprehensionExpr) -> Result<Held, Mistake> {
        let range = self.of(&loops.iter_range)?;
        let start = self.of(&loops.accu_init)?;
        let before = self.names.len();
        if let Some(second) = &loops.iter_var2 {
            self.names.push((loops.iter_var.clone(), Held::default()));
            self.names.push((second.clone(), self.within(&range)));
        } else {
            let item = self.gone_over(&range);
            self.names.push((loops.iter_var.clone(), item));
        }
        self.names.push((loops.accu_var.clone(), start.clone()));
        self.of(&loops.loop_cond)?;
        let mut end = self.of(&loops.loop_step)?;
        end.join(start);
        self.names.push((loops.accu_var.clone(), end));
        let result = self.of(&loops.result)?;
        self.names.truncate(before);
        Ok(result)
    }

    fn mistake(&self, held: &Held, wanted: Wanted<'_>) -> Mistake {
        let told = words::no_field(self.asked.schema, held, wanted.holder, wanted.name);
        Mistake::at(self.source, self.offset(wanted), told)
    }

    /// Where a field is written, in bytes.
    fn offset(&self, wanted: Wanted<'_>) -> usize {
        let key = wanted.key.and_then(|key| place(self.source, key.id));
        key.map_or_else(
            || self.written_after(wanted.holder, wanted.name),
            |(start, _)| start,
        )
    }

    /// Where a field is written behind what it is asked of: the parser notes the point alone, and for `has()` not even
    /// that.
    fn written_after(&self, holder: &IdedExpr, name: &str) -> usize {
        let (start, mut end) = place(self.source, holder.id).unwrap_or_default();
        if let Expr::Select(select) = &holder.expr
            && let Some(own) = self.find(&select.field, end)
        {
            end = own + select.field.len();
        }
        self.find(name, end).unwrap_or(start)
    }

    /// The first place of a name from somewhere on.
    fn find(&self, name: &str, from: usize) -> Option<usize> {
        let rest = self.source.source.get(from..)?;
        let is_more = |letter: char| letter.is_alphanumeric() || letter == '_';
        let mut found = rest.match_indices(name).filter(|(at, _)| {
            !rest[..*at].ends_with(is_more) && !rest[at + name.len()..].starts_with(is_more)
        });
        found.next().map(|(at, _)| from + at)
    }
}
