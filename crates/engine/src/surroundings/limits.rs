//! What a LimitRange fills in.

use super::{Seen, Surroundings};
use crate::object::{
    Kind, Quantity,
    namespaced::{LimitRange, LimitRangeItem},
};

impl<'a> Surroundings<'a> {
    /// The request that a LimitRange of the namespace gives to containers without one, and the name of
    /// that LimitRange. Its default limit serves as request where it has no default request.
    pub fn default_request(&self, resource: &str) -> Seen<Option<(&'a Quantity, &'a str)>> {
        self.container_default(|item| {
            item.default_request
                .get(resource)
                .or_else(|| item.default.get(resource))
        })
    }

    /// The limit that a LimitRange of the namespace gives to containers without one, and the name of
    /// that LimitRange.
    pub fn default_limit(&self, resource: &str) -> Seen<Option<(&'a Quantity, &'a str)>> {
        self.container_default(|item| item.default.get(resource))
    }

    fn container_default(
        &self,
        pick: impl Fn(&'a LimitRangeItem) -> Option<&'a Quantity>,
    ) -> Seen<Option<(&'a Quantity, &'a str)>> {
        let mut defaults = self.each::<LimitRange>().flat_map(|range| {
            let items = range
                .spec
                .limits
                .iter()
                .filter(|item| item.kind == "Container");
            items.map(move |item| (item, range.metadata.name.as_str()))
        });
        match defaults.find_map(|(item, name)| pick(item).map(|quantity| (quantity, name))) {
            Some(found) => Seen::Known(Some(found)),
            None => self.absent(Kind::LimitRange).map(|()| None),
        }
    }
}
