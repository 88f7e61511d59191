//! The operator's account: whether it has every right that the operator needs.

use kube::Client;

use super::{Diagnosis, why};
use crate::{
    operator::Settings,
    rights::{self, Purpose, Right, Who},
};

const SUBJECT: &str = "Rights";

pub(super) async fn examine(
    client: &Client,
    settings: &Settings,
    account: Option<&str>,
) -> Diagnosis {
    let Some(account) = account else {
        return Diagnosis::unknown(
            SUBJECT,
            "no operator was found whose account could be asked about",
        );
    };
    let needed = rights::needed(&settings.names(), settings.list_secret_names);
    let who = Who::Account {
        namespace: &settings.namespace,
        name: account,
    };
    match rights::missing(client, who, &needed).await {
        Err(err) => Diagnosis::unknown(
            SUBJECT,
            format!("you may not ask about others' rights: {}", why(&err)),
        ),
        Ok(missing) if missing.is_empty() => Diagnosis::good(
            SUBJECT,
            format!(
                "serviceaccount {account} has all {} rights that the operator needs",
                needed.len()
            ),
        ),
        Ok(missing) => lacking(account, &missing),
    }
}

fn lacking(account: &str, missing: &[Right]) -> Diagnosis {
    let listed: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let mut purposes: Vec<Purpose> = missing.iter().map(|right| right.purpose).collect();
    purposes.sort_unstable();
    purposes.dedup();
    let without: Vec<&str> = purposes.iter().map(|purpose| purpose.without()).collect();
    let told = format!(
        "serviceaccount {account} may not: {}; so {}",
        listed.join(", "),
        without.join(", and ")
    );
    let remedy = "the chart's ClusterRole and Role have these rights: helm upgrade, or with rbac.create=false add them";
    Diagnosis::wrong(SUBJECT, "RightMissing", told, remedy)
}
