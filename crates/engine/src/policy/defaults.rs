//! What a policy has filled in.

use super::{FieldError, Setting, Switch, compile::unknown_check};
use crate::{api::policy::Defaults, check::Check, checks};

/// The checks whose fixes are filled in, in the order of the catalogue. One that could never fill in anything under
/// this policy is a mistake: silence would be taken for safety.
pub(super) fn checks(
    written: Option<&Defaults>,
    settings: &[Setting],
    errors: &mut Vec<FieldError>,
) -> Vec<&'static Check> {
    let named = written.map_or(&[][..], |written| &written.checks);
    for (index, id) in named.iter().enumerate() {
        let field = format!("spec.defaults.checks[{index}]");
        match checks::find(id) {
            None => errors.push(unknown_check(&field, id)),
            Some(check) => {
                let mistake = mistake(check, settings);
                errors.extend(mistake.map(|message| FieldError { field, message }));
            }
        }
    }
    let asked = settings.iter().map(|setting| setting.check);
    asked
        .filter(|check| named.iter().any(|id| id == check.id))
        .collect()
}

fn mistake(check: &Check, settings: &[Setting]) -> Option<String> {
    let id = check.id;
    if !checks::fillable().any(|fillable| fillable.id == id) {
        return Some(format!(
            "nothing can be filled in for `{id}`; `prodready checks --fillable` lists the checks for which it can"
        ));
    }
    let is_on = |setting: &Setting| setting.check.id == id && setting.switch == Switch::On;
    (!settings.iter().any(is_on)).then(|| {
        format!("`{id}` is switched off in spec.checks; switch it on there, or remove it here")
    })
}
