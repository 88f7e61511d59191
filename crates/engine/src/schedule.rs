//! When a CronJob runs (`CronJobSpec.schedule`, parsed in the cluster by robfig/cron's standard parser).

use std::str::FromStr as _;

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{SignedDuration, Zoned, civil::date, tz::TimeZone};

/// When a CronJob runs.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// At fixed times.
    At {
        /// When.
        times: Box<Cron>,
        /// Whether each run is at the same hour and minute, so that a day at least lies between two.
        daily: bool,
    },
    /// Again and again after this long, counted from the last run.
    Every(SignedDuration),
}

/// Short names for schedules.
const NAMED: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// How many runs are looked at to find the shortest time between two.
const RUNS: usize = 32;

/// As many where the hour is always the same: more than a week, and a year of months.
const DAILY_RUNS: usize = 13;

impl Schedule {
    /// Reads a schedule; the error says in a few words what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
            return Err("names a time zone, which belongs into spec.timeZone".to_owned());
        }
        if let Some(duration) = text.strip_prefix("@every ") {
            let duration = SignedDuration::from_str(duration.trim());
            return match duration {
                Ok(duration) if duration.as_secs() >= 1 => Ok(Self::Every(duration)),
                _ => Err("has no duration of at least a second after @every".to_owned()),
            };
        }
        let named = NAMED.iter().find(|(name, _)| *name == text);
        let fields = named.map_or(text, |(_, fields)| fields);
        let count = fields.split_whitespace().count();
        if count != 5 {
            return Err(format!("has {count} fields where five are meant"));
        }
        if let Some(odd) = fields
            .chars()
            .find(|odd| "#LWlw+".contains(*odd) && !is_in_name(fields))
        {
            return Err(format!("uses {odd}, which Kubernetes does not know"));
        }
        let mut items = fields.split_whitespace().flat_map(|field| field.split(','));
        if items.any(str::is_empty) {
            return Err("has an empty item in a list".to_owned());
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        match parser.parse(fields) {
            Ok(cron) => Ok(Self::At {
                times: Box::new(cron),
                daily: fields.split_whitespace().take(2).all(is_number),
            }),
            Err(err) => Err(format!("cannot be read: {err}")),
        }
    }

    /// The shortest time between two runs; none where it never runs twice within years.
    pub fn shortest_period(&self) -> Option<SignedDuration> {
        let (cron, runs) = match self {
            Self::Every(duration) => return Some(*duration),
            Self::At { times, daily: true } => (times, DAILY_RUNS),
            Self::At { times, .. } => (times, RUNS),
        };
        let start: Zoned = date(2024, 1, 1).to_zoned(TimeZone::UTC).ok()?;
        let mut shortest = None;
        let mut last = cron.find_next_occurrence(&start, true).ok()?;
        for _ in 0..runs {
            let Ok(next) = cron.find_next_occurrence(&last, false) else {
                break;
            };
            let between = next.duration_since(&last);
            shortest = Some(shortest.map_or(between, |known: SignedDuration| known.min(between)));
            last = next;
        }
        shortest
    }
}

fn is_number(field: &str) -> bool {
    field.bytes().all(|byte| byte.is_ascii_digit())
}

/// Names of months and days hold these letters too.
fn is_in_name(fields: &str) -> bool {
    let lower = fields.to_ascii_lowercase();
    !fields.contains('#') && ["jul", "wed"].iter().any(|name| lower.contains(name))
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    fn minutes(text: &str) -> Option<i64> {
        let schedule = Schedule::parse(text).unwrap();
        schedule.shortest_period().map(|period| period.as_mins())
    }

    #[test]
    fn schedules_that_kubernetes_takes_are_read() {
        assert_eq!(minutes("17 4 * * *"), Some(24 * 60));
        assert_eq!(minutes("*/5 * * * *"), Some(5));
        assert_eq!(minutes("0 9-17/2 * jul mon-fri"), Some(120));
        assert_eq!(minutes("@hourly"), Some(60));
        assert_eq!(minutes("@every 1h30m"), Some(90));
        assert_eq!(minutes("30 6 * * mon,thu,fri"), Some(24 * 60));
        assert_eq!(minutes("0 0 1,15 * *"), Some(14 * 24 * 60));
        assert_eq!(minutes("59,0 0,23 * * *"), Some(1));
    }

    #[test]
    fn others_are_refused_with_why() {
        for (text, why) in [
            ("* * * *", "four fields".replace("four", "4")),
            ("0 0 0 1 1 *", "6 fields".to_owned()),
            ("61 * * * *", "cannot be read".to_owned()),
            ("TZ=UTC 0 0 * * *", "spec.timeZone".to_owned()),
            ("0 0 L * *", "uses L".to_owned()),
            // Both found by `make fuzz`: the search for the next run took more than ten seconds.
            ("01 2 2 8 +", "uses +".to_owned()),
            (", 1 31 3 *", "an empty item".to_owned()),
            ("0 1,,2 * * *", "an empty item".to_owned()),
            ("@every now", "after @every".to_owned()),
        ] {
            let told = Schedule::parse(text).unwrap_err();
            assert!(told.contains(&why), "{text}: {told}");
        }
    }

    #[test]
    fn one_that_never_comes_has_no_period() {
        assert_eq!(minutes("0 0 31 2 *"), None);
    }
}
