//! The functions of Kubernetes' CEL libraries that are not the language's own.

mod address;
mod counted;
mod list;
mod quantity;
mod url;

use cel::{DeclarationError, Env, extensions};

pub(super) use counted::{Patterns, add_counted, pattern};

/// The language, CEL's own functions of texts, and Kubernetes' functions whose cost is the size of what they are
/// given; see [`add_counted`] for the others.
pub(super) fn environment() -> Result<Env, DeclarationError> {
    let mut environment = Env::stdlib();
    extensions::strings(&mut environment)?;
    list::add(&mut environment)?;
    quantity::add(&mut environment)?;
    url::add(&mut environment)?;
    address::add(&mut environment)?;
    Ok(environment)
}

/// A value of a type of Kubernetes' own: opaque but to its own functions.
macro_rules! opaque {
    ($type:ident, $name:literal) => {
        impl ::cel::common::value::Val for $type {
            fn get_type(&self) -> &::cel::common::types::Type {
                <Self as ::cel::common::value::Val>::cel_type()
            }

            fn cel_type() -> &'static ::cel::common::types::Type {
                static TYPE: ::cel::common::types::Type =
                    ::cel::common::types::Type::new_unspecified_type($name);
                &TYPE
            }

            fn equals(&self, other: &dyn ::cel::common::value::Val) -> bool {
                other
                    .downcast_ref::<Self>()
                    .is_some_and(|other| self == other)
            }

            fn clone_as_boxed<'v>(&self) -> Box<dyn ::cel::common::value::Val + 'v> {
                Box::new(self.clone())
            }

            fn as_any(&self) -> Option<&dyn ::std::any::Any> {
                Some(self)
            }
        }

        impl ::cel::common::value::StaticVal for $type {}
    };
}
use opaque;
