//! Ports, and values that are a number or a text (`intstr.IntOrString`).

use serde::{Deserialize, Serialize};

/// A number, or a text such as a port's name or a percentage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IntOrString {
    /// A plain number.
    Int(i64),
    /// A text. A numeric text is still a text: port `"8080"` is looked up as a name.
    Text(String),
}

impl IntOrString {
    /// The number this means out of `total`, percentages rounded up, as the disruption controller
    /// and the deployment controller's `maxSurge` do it (`intstr.GetScaledValueFromIntOrPercent`).
    /// `None` where it is neither a number nor a percentage.
    pub fn scaled_up(&self, total: i64) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => {
                let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
                Some(
                    (percent * total).div_euclid(100)
                        + i64::from((percent * total).rem_euclid(100) != 0),
                )
            }
        }
    }
}

impl std::fmt::Display for IntOrString {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(number) => number.fmt(formatter),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

/// One entry of a container's `ports`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPort {
    /// The port's name, which Services and probes may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The port's number.
    pub container_port: i64,
    /// The port on the node, where one is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_port: Option<i64>,
    /// TCP where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
}

impl ContainerPort {
    /// Whether it speaks TCP, which HTTP, TCP and gRPC probes need.
    pub fn is_tcp(&self) -> bool {
        self.protocol
            .as_deref()
            .is_none_or(|protocol| protocol == "TCP")
    }
}

#[cfg(test)]
mod tests {
    use super::IntOrString;

    #[test]
    fn percentages_round_up() {
        let scaled = |text: &str, total| IntOrString::Text(text.to_owned()).scaled_up(total);
        assert_eq!(scaled("50%", 1), Some(1));
        assert_eq!(scaled("1%", 3), Some(1));
        assert_eq!(scaled("100%", 3), Some(3));
        assert_eq!(scaled("0%", 3), Some(0));
        assert_eq!(scaled("half", 3), None);
    }
}
