//! `ip` and `cidr`: addresses and ranges of them (k8s.io/apiserver/pkg/cel/library/ip.go and cidr.go).

use std::net::IpAddr;

use cel::{
    DeclarationError, Env, ExecutionError, add_member_overload, add_overload,
    common::types::{CelBool, CelInt, CelString},
};

use super::opaque;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ip(IpAddr);

/// A range of addresses: those that begin with the same bits.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cidr {
    address: IpAddr,
    prefix: u8,
}

opaque!(Ip, "net.IP");
opaque!(Cidr, "net.CIDR");

pub(super) fn add(environment: &mut Env) -> Result<(), DeclarationError> {
    add_overload!(environment, fn ip: (CelString) -> Result<Ip>)?;
    add_overload!(environment, fn is_ip: (CelString) -> CelBool, name = "isIP")?;
    add_overload!(environment, fn is_canonical: (CelString) -> Result<CelBool>, name = "ip.isCanonical")?;
    add_overload!(environment, fn string_of_ip: (Ip) -> CelString, name = "string")?;
    add_member_overload!(environment, fn family: (Ip) -> CelInt)?;
    add_member_overload!(environment, fn is_unspecified: (Ip) -> CelBool)?;
    add_member_overload!(environment, fn is_loopback: (Ip) -> CelBool)?;
    add_member_overload!(environment, fn is_link_local_multicast: (Ip) -> CelBool)?;
    add_member_overload!(environment, fn is_link_local_unicast: (Ip) -> CelBool)?;
    add_member_overload!(environment, fn is_global_unicast: (Ip) -> CelBool)?;
    add_overload!(environment, fn cidr: (CelString) -> Result<Cidr>)?;
    add_overload!(environment, fn is_cidr: (CelString) -> CelBool, name = "isCIDR")?;
    add_overload!(environment, fn string_of_cidr: (Cidr) -> CelString, name = "string")?;
    add_member_overload!(environment, fn contains_ip: (Cidr, Ip) -> CelBool, name = "containsIP")?;
    add_member_overload!(environment, fn contains_ip_text: (Cidr, CelString) -> Result<CelBool>, name = "containsIP")?;
    add_member_overload!(environment, fn contains_cidr: (Cidr, Cidr) -> CelBool, name = "containsCIDR")?;
    add_member_overload!(environment, fn contains_cidr_text: (Cidr, CelString) -> Result<CelBool>, name = "containsCIDR")?;
    add_member_overload!(environment, fn address_of: (Cidr) -> Ip, name = "ip")?;
    add_member_overload!(environment, fn masked: (Cidr) -> Cidr)?;
    add_member_overload!(environment, fn prefix_length: (Cidr) -> CelInt)
}

fn ip(text: &CelString<'_>) -> Result<Ip, ExecutionError> {
    let address = address(text.inner());
    address
        .map(Ip)
        .ok_or_else(|| ExecutionError::function_error("ip", "not an IP address"))
}

fn is_ip(text: &CelString<'_>) -> CelBool {
    address(text.inner()).is_some().into()
}

/// Kubernetes takes no IPv4 address in the form of an IPv6 one: it means two things.
fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    let is_mapped = matches!(address, IpAddr::V6(six) if six.to_ipv4_mapped().is_some());
    (!is_mapped).then_some(address)
}

fn is_canonical(text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    ip(text).map(|ip| (ip.0.to_string() == text.inner()).into())
}

fn string_of_ip(this: &Ip) -> CelString<'static> {
    CelString::from(this.0.to_string())
}

fn family(this: &Ip) -> CelInt {
    CelInt::from(if this.0.is_ipv4() { 4_i64 } else { 6 })
}

fn is_unspecified(this: &Ip) -> CelBool {
    this.0.is_unspecified().into()
}

fn is_loopback(this: &Ip) -> CelBool {
    this.0.is_loopback().into()
}

fn is_link_local_multicast(this: &Ip) -> CelBool {
    match this.0 {
        IpAddr::V4(four) => four.octets().starts_with(&[224, 0, 0]),
        IpAddr::V6(six) => six.segments()[0] & 0xff0f == 0xff02,
    }
    .into()
}

fn is_link_local_unicast(this: &Ip) -> CelBool {
    link_local(this.0).into()
}

fn link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_link_local(),
        IpAddr::V6(six) => six.is_unicast_link_local(),
    }
}

/// As Go has it: private addresses are global ones too.
fn is_global_unicast(this: &Ip) -> CelBool {
    let address = this.0;
    let is_broadcast = matches!(address, IpAddr::V4(four) if four.is_broadcast());
    let is_special = address.is_unspecified() || address.is_loopback() || address.is_multicast();
    (!is_broadcast && !is_special && !link_local(address)).into()
}

fn cidr(text: &CelString<'_>) -> Result<Cidr, ExecutionError> {
    range(text.inner()).ok_or_else(|| ExecutionError::function_error("cidr", "not a CIDR"))
}

fn is_cidr(text: &CelString<'_>) -> CelBool {
    range(text.inner()).is_some().into()
}

fn range(text: &str) -> Option<Cidr> {
    let (start, prefix) = text.split_once('/')?;
    let address = address(start)?;
    let prefix: u8 = prefix.parse().ok()?;
    (prefix <= bits(address)).then_some(Cidr { address, prefix })
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn string_of_cidr(this: &Cidr) -> CelString<'static> {
    CelString::from(format!("{}/{}", this.address, this.prefix))
}

fn contains_ip(this: &Cidr, ip: &Ip) -> CelBool {
    includes(this, ip.0).into()
}

fn contains_ip_text(this: &Cidr, text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    ip(text).map(|ip| contains_ip(this, &ip))
}

fn contains_cidr(this: &Cidr, other: &Cidr) -> CelBool {
    (other.prefix >= this.prefix && includes(this, other.address)).into()
}

fn contains_cidr_text(this: &Cidr, text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    cidr(text).map(|other| contains_cidr(this, &other))
}

fn includes(range: &Cidr, address: IpAddr) -> bool {
    let is_same_family = range.address.is_ipv4() == address.is_ipv4();
    is_same_family && start(range.address, range.prefix) == start(address, range.prefix)
}

fn address_of(this: &Cidr) -> Ip {
    Ip(this.address)
}

fn masked(this: &Cidr) -> Cidr {
    let address = start(this.address, this.prefix);
    Cidr { address, ..*this }
}

fn prefix_length(this: &Cidr) -> CelInt {
    CelInt::from(i64::from(this.prefix))
}

/// The first address that begins with the same bits.
fn start(address: IpAddr, prefix: u8) -> IpAddr {
    let rest = u32::from(bits(address).saturating_sub(prefix));
    match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(rest).unwrap_or(0);
            IpAddr::V4((u32::from(four) & mask).into())
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(rest).unwrap_or(0);
            IpAddr::V6((u128::from(six) & mask).into())
        }
    }
}
