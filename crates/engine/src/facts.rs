//! What several checks ask about one workload, worked out at most once for all of them.

use std::cell::OnceCell;

use crate::{
    credential::{Credential, InCommand, in_command, in_variable},
    environment::{self, Variable},
    object::{Container, Workload, container::ContainerSpec, namespaced::Service},
    role::{Inferred, role_of},
    surroundings::{Entrance, Grant, Seen, Surroundings},
};

/// What is known of one workload by way of its surroundings. Each part is worked out when the first check asks for it.
#[derive(Debug)]
pub struct Facts<'a> {
    workload: &'a Workload,
    around: Surroundings<'a>,
    role: OnceCell<Inferred>,
    services: OnceCell<Seen<Vec<&'a Service>>>,
    entrances: OnceCell<Seen<Vec<Entrance<'a>>>>,
    grants: OnceCell<Seen<Vec<Grant<'a>>>>,
    /// For each container, in the order of the workload.
    variables: OnceCell<Vec<Vec<Variable<'a>>>>,
    literals: OnceCell<Vec<Literals>>,
}

/// The credentials that stand in a container's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Literals {
    /// Those in values of `env`, by their position there.
    pub env: Vec<(usize, Credential)>,
    /// Those in `command` and `args`.
    pub command: Vec<InCommand>,
}

impl Literals {
    fn of(spec: &ContainerSpec) -> Self {
        let variables = spec.env.iter().enumerate();
        let in_variables = variables.filter_map(|(index, variable)| {
            let value = variable.value.as_ref()?;
            Some((index, in_variable(&variable.name, value)?))
        });
        let line = spec.command.iter().chain(&spec.args);
        Self {
            env: in_variables.collect(),
            command: in_command(line.map(String::as_str)),
        }
    }
}

impl<'a> Facts<'a> {
    /// Nothing is worked out yet.
    pub fn new(workload: &'a Workload, around: Surroundings<'a>) -> Self {
        Self {
            workload,
            around,
            role: OnceCell::new(),
            services: OnceCell::new(),
            entrances: OnceCell::new(),
            grants: OnceCell::new(),
            variables: OnceCell::new(),
            literals: OnceCell::new(),
        }
    }

    /// The workload.
    pub fn workload(&self) -> &'a Workload {
        self.workload
    }

    /// What stands around it.
    pub fn around(&self) -> Surroundings<'a> {
        self.around
    }

    /// What part the workload plays.
    pub fn role(&self) -> &Inferred {
        self.role
            .get_or_init(|| role_of(self.workload, &self.around))
    }

    /// The Services that stand for it.
    pub fn services(&self) -> Seen<&[&'a Service]> {
        let services = || self.around.services(self.workload);
        borrowed(self.services.get_or_init(services))
    }

    /// The ways from outside to it.
    pub fn entrances(&self) -> Seen<&[Entrance<'a>]> {
        let entrances = || self.around.entrances(self.workload);
        borrowed(self.entrances.get_or_init(entrances))
    }

    /// What its account may do.
    pub fn grants(&self) -> Seen<&[Grant<'a>]> {
        let grants = || self.around.grants(self.workload);
        borrowed(self.grants.get_or_init(grants))
    }

    /// The variables of one of its containers whose values are known.
    pub fn variables(&self, container: &Container<'_>) -> &[Variable<'a>] {
        let each = self.variables.get_or_init(|| {
            let containers = self.workload.containers();
            containers
                .map(|container| environment::variables(&container, &self.around))
                .collect()
        });
        self.of_container(container, each)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The credentials that stand in one of its containers.
    pub fn literals(&self, container: &Container<'_>) -> Option<&Literals> {
        let each = self.literals.get_or_init(|| {
            let containers = self.workload.containers();
            containers
                .map(|container| Literals::of(container.spec))
                .collect()
        });
        self.of_container(container, each)
    }

    /// What was worked out for one of the workload's containers.
    fn of_container<'s, T>(&self, container: &Container<'_>, each: &'s [T]) -> Option<&'s T> {
        let mut pairs = self.workload.containers().zip(each);
        let found = pairs.find(|(own, _)| std::ptr::eq(own.spec, container.spec));
        found.map(|(_, own)| own)
    }
}

fn borrowed<T>(seen: &Seen<Vec<T>>) -> Seen<&[T]> {
    match seen {
        Seen::Known(found) => Seen::Known(found.as_slice()),
        Seen::NotSeen(why) => Seen::NotSeen(why.clone()),
    }
}
