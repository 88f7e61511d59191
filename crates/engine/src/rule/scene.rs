//! What the expressions of a policy's rules see of one workload. Each part is read at most once for all of them.

use std::{cell::OnceCell, collections::BTreeMap};

use cel::{common::value::CowVal, context::VariableResolver};
use serde_json::{Value, json};

use super::{
    Rule,
    related::Related,
    value::{Owned, list, null, of_json},
};
use crate::{
    facts::Facts,
    object::{Container, Metadata, Original, Workload},
    surroundings::Seen,
};

/// The most objects of one kind in `related`.
const MOST_RELATED: usize = 64;

/// The most bytes of JSON of one kind in `related`.
const MOST_RELATED_BYTES: usize = 512 * 1024;

/// A value, or why there is none.
type Found = Result<Owned, String>;

/// What the expressions see of one workload.
#[derive(Debug)]
pub struct Scene<'a> {
    facts: &'a Facts<'a>,
    before: Option<&'a Workload>,
    object: OnceCell<Found>,
    /// The workload as it was written, in which containers are found.
    written: OnceCell<Result<Value, String>>,
    old_object: OnceCell<Found>,
    namespace_object: OnceCell<Found>,
    related: BTreeMap<Related, OnceCell<Found>>,
}

impl<'a> Scene<'a> {
    /// Nothing is read yet. `before` is the workload as it was before a change, at the gate.
    pub fn new(facts: &'a Facts<'a>, before: Option<&'a Workload>) -> Self {
        let cells = Related::ALL
            .iter()
            .map(|related| (*related, OnceCell::new()));
        Self {
            facts,
            before,
            object: OnceCell::new(),
            written: OnceCell::new(),
            old_object: OnceCell::new(),
            namespace_object: OnceCell::new(),
            related: cells.collect(),
        }
    }

    /// The workload.
    pub(super) fn workload(&self) -> &'a Workload {
        self.facts.workload()
    }

    /// The variables that a rule reads, or why one of them cannot be told.
    pub(super) fn variables<'s>(&'s self, rule: &'s Rule) -> Result<Variables<'s>, String> {
        let reads = &rule.reads;
        let mut variables = Variables {
            params: &rule.params,
            container: None,
            named: Vec::new(),
        };
        if reads.object {
            variables.put(
                "object",
                self.object.get_or_init(|| of_workload(self.workload())),
            )?;
        }
        if reads.old_object {
            let read = || self.before.map_or_else(|| Ok(null()), of_workload);
            variables.put("oldObject", self.old_object.get_or_init(read))?;
        }
        if reads.namespace_object {
            variables.put(
                "namespaceObject",
                self.namespace_object.get_or_init(|| self.namespace()),
            )?;
        }
        for related in &reads.related {
            let Some(cell) = self.related.get(related) else {
                continue;
            };
            variables.put(
                related.variable(),
                cell.get_or_init(|| self.of_kind(*related)),
            )?;
        }
        Ok(variables)
    }

    /// A container of the workload, as it was written.
    pub(super) fn container(&self, container: &Container<'_>) -> Found {
        let workload = self.workload();
        let written = self.written.get_or_init(|| written(workload));
        let written = written.as_ref().map_err(Clone::clone)?;
        let found = written.pointer(&container.root().to_string());
        let found = found.ok_or_else(|| format!("container {} is not seen", container.name()))?;
        Ok(of_json(found.clone()))
    }

    fn namespace(&self) -> Found {
        match self.facts.around().namespace_object() {
            Seen::Known(namespace) => json_of(&namespace.metadata, "v1", "Namespace").map(of_json),
            Seen::NotSeen(why) => Err(why),
        }
    }

    fn of_kind(&self, related: Related) -> Found {
        let objects = match related.of(self.facts) {
            Seen::Known(objects) => objects,
            Seen::NotSeen(why) => return Err(why),
        };
        let info = related.kind().info();
        let bytes: usize = objects.iter().map(|object| length(object)).sum();
        if objects.len() > MOST_RELATED || bytes > MOST_RELATED_BYTES {
            let count = objects.len();
            return Err(format!(
                "{count} {} with {bytes} bytes are more than a rule may read",
                info.plural
            ));
        }
        let version = match info.group {
            "" => info.version.to_owned(),
            group => format!("{group}/{}", info.version),
        };
        let read = objects
            .iter()
            .map(|object| json_of(object, &version, info.name).map(of_json));
        read.collect::<Result<Vec<_>, _>>().map(list)
    }
}

fn length(object: &Metadata) -> usize {
    match &object.original {
        Some(Original::Text(text)) => text.len(),
        Some(Original::TooLarge(bytes)) => *bytes,
        None => 0,
    }
}

fn of_workload(workload: &Workload) -> Found {
    written(workload).map(of_json)
}

fn written(workload: &Workload) -> Result<Value, String> {
    let (version, kind) = (workload.kind.api_version(), workload.kind.as_str());
    json_of(&workload.metadata, version, kind)
}

/// The object as it was written, with the names that it has in the cluster: a file may leave them out.
fn json_of(metadata: &Metadata, version: &str, kind: &str) -> Result<Value, String> {
    let text = match &metadata.original {
        Some(Original::Text(text)) => text,
        Some(Original::TooLarge(bytes)) => {
            return Err(format!(
                "{kind} {} has {bytes} bytes, more than a rule may read",
                metadata.name
            ));
        }
        None => {
            return Err(format!(
                "{kind} {} has not been read in full yet",
                metadata.name
            ));
        }
    };
    let mut object: Value = serde_json::from_str(text).map_err(|err| err.to_string())?;
    object["apiVersion"] = json!(version);
    object["kind"] = json!(kind);
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    if !metadata.namespace.is_empty() {
        object["metadata"]["namespace"] = json!(metadata.namespace);
    }
    Ok(object)
}

/// The variables of one evaluation.
#[derive(Debug)]
pub(super) struct Variables<'s> {
    params: &'s Owned,
    /// Where the rule is asked for each container.
    container: Option<&'s Owned>,
    named: Vec<(&'static str, &'s Owned)>,
}

impl<'s> Variables<'s> {
    /// The same, for a container.
    pub(super) fn in_container(self, container: &'s Owned) -> Self {
        Self {
            container: Some(container),
            ..self
        }
    }

    fn put(&mut self, name: &'static str, found: &'s Found) -> Result<(), String> {
        match found {
            Ok(value) => {
                self.named.push((name, value));
                Ok(())
            }
            Err(why) => Err(why.clone()),
        }
    }
}

impl VariableResolver for Variables<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if name == "params" {
            return Some(CowVal::Borrowed(self.params.as_ref()));
        }
        if name == "container"
            && let Some(container) = self.container
        {
            return Some(CowVal::Borrowed(container.as_ref()));
        }
        let found = self.named.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| CowVal::Borrowed(value.as_ref()))
    }
}
