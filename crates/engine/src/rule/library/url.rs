//! `url`: absolute addresses, and paths (k8s.io/apiserver/pkg/cel/library/urls.go).

use std::collections::HashMap;

use cel::{
    DeclarationError, Env, ExecutionError, add_member_overload, add_overload,
    common::{
        types::{CelBool, CelList, CelMap, CelMapKey, CelString},
        value::Val,
    },
};
use http::Uri;

use super::opaque;

/// A URL, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Url(Uri);

opaque!(Url, "kubernetes.URL");

pub(super) fn add(environment: &mut Env) -> Result<(), DeclarationError> {
    add_overload!(environment, fn url: (CelString) -> Result<Url>)?;
    add_overload!(environment, fn is_url: (CelString) -> CelBool, name = "isURL")?;
    add_member_overload!(environment, fn get_scheme: (Url) -> CelString)?;
    add_member_overload!(environment, fn get_host: (Url) -> CelString)?;
    add_member_overload!(environment, fn get_hostname: (Url) -> CelString)?;
    add_member_overload!(environment, fn get_port: (Url) -> CelString)?;
    add_member_overload!(environment, fn get_escaped_path: (Url) -> CelString)?;
    add_member_overload!(environment, fn get_query: (Url) -> CelMap)
}

fn url(text: &CelString<'_>) -> Result<Url, ExecutionError> {
    parsed(text).ok_or_else(|| ExecutionError::function_error("url", "not a URL"))
}

fn is_url(text: &CelString<'_>) -> CelBool {
    parsed(text).is_some().into()
}

/// A host alone is no URL: with a scheme comes a host, without one a path.
fn parsed(text: &CelString<'_>) -> Option<Url> {
    let uri: Uri = text.inner().parse().ok()?;
    let is_path = text.inner().starts_with('/');
    (uri.scheme().is_some() || is_path).then_some(Url(uri))
}

fn get_scheme(this: &Url) -> CelString<'static> {
    text(this.0.scheme_str().unwrap_or_default())
}

/// With the port, where one is written.
fn get_host(this: &Url) -> CelString<'static> {
    let authority = this
        .0
        .authority()
        .map_or("", |authority| authority.as_str());
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    text(host)
}

fn get_hostname(this: &Url) -> CelString<'static> {
    let host = this.0.host().unwrap_or_default();
    text(host.trim_start_matches('[').trim_end_matches(']'))
}

fn get_port(this: &Url) -> CelString<'static> {
    CelString::from(
        this.0
            .port_u16()
            .map_or_else(String::new, |port| port.to_string()),
    )
}

fn get_escaped_path(this: &Url) -> CelString<'static> {
    let path = this.0.path();
    // The parser puts a slash where no path is written.
    let is_written =
        this.0.authority().is_none() || path != "/" || this.0.to_string().ends_with('/');
    text(if is_written { path } else { "" })
}

fn get_query(this: &Url) -> CelMap<'static> {
    let mut values: HashMap<String, Vec<Box<dyn Val>>> = HashMap::new();
    let pairs = this.0.query().unwrap_or_default().split('&');
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let values = values.entry(key.to_owned()).or_default();
        values.push(Box::new(text(value)));
    }
    let lists = values.into_iter().map(|(key, values)| {
        let list: Box<dyn Val> = Box::new(CelList::from(values));
        (CelMapKey::from(key), list)
    });
    CelMap::from(lists.collect::<HashMap<_, _>>())
}

fn text(text: &str) -> CelString<'static> {
    CelString::from(text.to_owned())
}
