//! Moments as people read them: days, hours and minutes of the reader's own place.
//!
//! The offset of a place at a moment comes in as a [`Zone`], because only the browser knows it; everything else is
//! arithmetic, after Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms". Deliberately absent: words.

use common::id::Timestamp;

/// Minutes east of UTC at a moment. Summer time is why the moment matters.
pub type Zone = fn(Timestamp) -> i64;

/// A moment, read off the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Local {
    /// Days since 1 January 1970.
    pub days: i64,
    pub year: i64,
    /// 1 to 12.
    pub month: usize,
    pub day: i64,
    /// 0 is Sunday.
    pub weekday: usize,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub milli: i64,
}

impl Local {
    /// Reads a moment in a place.
    pub(crate) fn at(moment: Timestamp, zone: Zone) -> Self {
        let ms = i64::try_from(moment.0).unwrap_or(i64::MAX / 2) + zone(moment) * 60_000;
        let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
        let (year, month, day) = civil(days);
        Self {
            days,
            year,
            month,
            day,
            weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or_default(),
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1_000 % 60,
            milli: rest % 1_000,
        }
    }

    /// 09:41
    pub(crate) fn clock(&self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// 09:41:07
    pub(crate) fn clock_seconds(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// 41:07.318, as the frame log shows it.
    pub(crate) fn fine(&self) -> String {
        format!("{:02}:{:02}.{:03}", self.minute, self.second, self.milli)
    }
}

/// The first moment of a day in a place; the day as `<input type=date>` tells it: `2025-11-17`.
pub(crate) fn start_of(day: &str, zone: Zone) -> Option<Timestamp> {
    let mut parts = day.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let in_year = if month > 2 { month - 3 } else { month + 9 };
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let yoe = year - era * 400;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + (153 * in_year + 2) / 5 + day - 1;
    let ms = (era * 146_097 + doe - 719_468) * 86_400_000;
    let utc = Timestamp(u64::try_from(ms).ok()?);
    u64::try_from(ms - zone(utc) * 60_000).ok().map(Timestamp)
}

fn civil(days: i64) -> (i64, usize, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), usize::try_from(month).unwrap_or(1), day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    const UTC: Zone = |_| 0;

    #[test]
    fn a_moment_is_read_in_its_place() {
        let at = Timestamp(1_763_370_247_318); // 2025-11-17T09:04:07.318Z, a Monday
        let utc = Local::at(at, UTC);
        assert_eq!((utc.year, utc.month, utc.day, utc.weekday), (2025, 11, 17, 1));
        assert_eq!(
            (utc.clock(), utc.clock_seconds(), utc.fine()),
            ("09:04".into(), "09:04:07".into(), "04:07.318".into())
        );
        assert_eq!(Local::at(at, |_| 8 * 60).clock(), "17:04");
        assert_eq!(Local::at(at, |_| -10 * 60).day, 16);
    }

    #[test]
    fn a_day_begins_where_it_is_read_back() {
        for day in ["2025-11-17", "2024-02-29", "2000-03-01", "1970-01-02", "2023-12-31"] {
            for zone in [UTC, |_| 8 * 60, |_| -10 * 60] as [Zone; 3] {
                let local = Local::at(start_of(day, zone).unwrap(), zone);
                assert_eq!(format!("{:04}-{:02}-{:02}", local.year, local.month, local.day), day);
                assert_eq!(local.clock(), "00:00");
            }
        }
        assert_eq!(["", "x", "2025-11", "1950-01-01"].map(|day| start_of(day, UTC)), [None; 4]);
    }

    #[test]
    fn leap_days_exist() {
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
    }

    #[test]
    fn days_have_names() {
        let at = |ms| Local::at(Timestamp(ms), UTC);
        let today = at(1_763_370_247_318);
        let name = |lang: Lang, ms| (lang.words().day)(&at(ms), &today);
        assert_eq!(name(Lang::En, 1_763_370_247_318), "Today");
        assert_eq!(name(Lang::Zh, 1_763_370_247_318 - 86_400_000), "昨天");
        assert_eq!(name(Lang::En, 1_763_370_247_318 - 3 * 86_400_000), "Friday 14 November");
        assert_eq!(name(Lang::Zh, 1_763_370_247_318 - 3 * 86_400_000), "11月14日 星期五");
        assert_eq!(name(Lang::En, 1_700_000_000_000), "Tuesday 14 November 2023");
        assert_eq!(name(Lang::Zh, 1_700_000_000_000), "2023年11月14日 星期二");
    }
}
