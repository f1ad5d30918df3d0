//! Days (期间): how long a term is, when it is due, and which days were counted or skipped. Law language §3.2.

use crate::calendar::Calendar;
use crate::procedure::Unit;
use jiff::Span;
use jiff::civil::{Date, DateTime};

/// The four states of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockState {
    /// 未起
    NotStarted,
    /// 走
    Running,
    /// 止: the duty was done in time.
    Met,
    /// 满: the day passed.
    Expired,
}

/// The last day. `hi` is absent when it depends on a year without a published calendar; then `lo` is certain not to be late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Not earlier than this day.
    pub lo: Date,
    /// Not later than this day.
    pub hi: Option<Date>,
    /// The very instant, for terms in hours.
    pub instant: Option<DateTime>,
}

impl Due {
    /// A day that is certain.
    pub fn on(day: Date) -> Due {
        Due {
            lo: day,
            hi: Some(day),
            instant: None,
        }
    }

    /// The instant at which the term has run out, if it is certain.
    pub fn end(&self) -> Option<DateTime> {
        self.instant.or_else(|| self.hi.map(end_of))
    }

    /// Has it run out at `t`? `None`: undetermined.
    pub fn passed(&self, t: DateTime) -> Option<bool> {
        if let Some(instant) = self.instant {
            return Some(instant < t);
        }
        if t.date() <= self.lo {
            return Some(false);
        }
        self.hi.map(|hi| hi < t.date())
    }
}

/// The end of a day, to the second.
pub fn end_of(day: Date) -> DateTime {
    day.at(23, 59, 59, 0)
}

/// Days `(from, to]` that do not count; open while `to` is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paused {
    /// The day the pause begins still counts.
    pub from: Date,
    /// The day it ends does not.
    pub to: Option<Date>,
}

impl Paused {
    fn covers(&self, day: Date) -> bool {
        self.from < day && self.to.is_none_or(|to| day <= to)
    }
}

/// When a term of `amount` units that starts on `start` (never counted) is due.
pub fn due(
    calendar: &Calendar,
    start: DateTime,
    amount: i64,
    unit: Unit,
    pauses: &[Paused],
) -> Due {
    let day = start.date();
    let paused = |d: Date| pauses.iter().any(|p| p.covers(d));
    match unit {
        Unit::Hour => {
            let end = Span::new()
                .try_hours(amount)
                .and_then(|hours| start.checked_add(hours))
                .unwrap_or(DateTime::MAX);
            Due {
                lo: end.date(),
                hi: Some(end.date()),
                instant: Some(end),
            }
        }
        Unit::WorkingDay => {
            let (mut at, mut earliest) = (day, day);
            let (mut counted, mut optimistic) = (0, 0);
            while counted < amount {
                at = next(at);
                let Some(working) = calendar.is_working(at) else {
                    // As if every day from here on worked: certain not to be late before that.
                    while optimistic < amount && earliest < Date::MAX {
                        earliest = next(earliest);
                        if !paused(earliest) {
                            optimistic += 1;
                        }
                    }
                    return Due {
                        lo: earliest,
                        hi: None,
                        instant: None,
                    };
                };
                if working && !paused(at) {
                    counted += 1;
                }
                (earliest, optimistic) = (at, counted);
            }
            Due::on(at)
        }
        Unit::Day => {
            let mut at = day;
            let mut counted = 0;
            while counted < amount && at < Date::MAX {
                at = next(at);
                if !paused(at) {
                    counted += 1;
                }
            }
            roll(calendar, at)
        }
        Unit::Month | Unit::Year => {
            let span = if unit == Unit::Month {
                Span::new().try_months(amount)
            } else {
                Span::new().try_years(amount)
            };
            let mut at = span
                .and_then(|span| day.checked_add(span))
                .unwrap_or(Date::MAX);
            let mut walk = day;
            while walk < at {
                walk = next(walk);
                if paused(walk) {
                    at = next(at);
                }
            }
            roll(calendar, at)
        }
    }
}

/// A last day that is a rest day moves to the next working day.
fn roll(calendar: &Calendar, day: Date) -> Due {
    let mut at = day;
    loop {
        match calendar.is_working(at) {
            Some(true) => {
                return Due {
                    lo: at,
                    hi: Some(at),
                    instant: None,
                };
            }
            Some(false) => at = next(at),
            None => {
                return Due {
                    lo: day,
                    hi: None,
                    instant: None,
                };
            }
        }
    }
}

fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

/// One day of a strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripDay {
    /// The day.
    pub date: Date,
    /// What it is.
    pub kind: StripKind,
}

/// What a day is in the counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StripKind {
    /// The start day, never counted.
    Start,
    /// Counted as the n-th.
    Counted(i64),
    /// Not counted, and why: 周末, the holiday's name, 停.
    Skipped(String),
    /// The nominal last day was a rest day; the term rolls on.
    Rolled(String),
    /// The last day.
    Last(i64),
}

/// Each day from the start to the last day: counted, skipped, and why. Empty for hours and for undetermined terms.
pub fn strip(
    calendar: &Calendar,
    start: Date,
    unit: Unit,
    pauses: &[Paused],
    due: &Due,
) -> Vec<StripDay> {
    let Some(last) = due.hi.filter(|_| due.instant.is_none()) else {
        return Vec::new();
    };
    let mut days = vec![StripDay {
        date: start,
        kind: StripKind::Start,
    }];
    let mut counted = 0;
    let mut day = start;
    while day < last {
        day = next(day);
        let why = calendar.why(day).unwrap_or_default();
        let rest = calendar.is_working(day) == Some(false);
        let kind = if pauses.iter().any(|p| p.covers(day)) {
            StripKind::Skipped("停".into())
        } else if rest && unit == Unit::WorkingDay {
            StripKind::Skipped(why.to_owned())
        } else {
            counted += 1;
            if day == last {
                StripKind::Last(counted)
            } else {
                StripKind::Counted(counted)
            }
        };
        days.push(StripDay { date: day, kind });
    }
    if unit != Unit::WorkingDay {
        mark_rolled(calendar, &mut days);
    }
    days
}

/// The rest days just before a rolled last day were not counted but rolled over.
fn mark_rolled(calendar: &Calendar, days: &mut [StripDay]) {
    let Some((_, before)) = days.split_last_mut() else {
        return;
    };
    for day in before.iter_mut().rev() {
        if calendar.is_working(day.date) != Some(false)
            || !matches!(day.kind, StripKind::Counted(_))
        {
            return;
        }
        day.kind = StripKind::Rolled(calendar.why(day.date).unwrap_or("休息日").to_owned());
    }
}

/// A term as the command line asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Last day.
    pub due: Due,
    /// Day by day.
    pub strip: Vec<StripDay>,
}

/// A term of `amount` units from `start`.
pub fn term(calendar: &Calendar, start: Date, amount: i64, unit: Unit) -> Term {
    let due = due(calendar, start.at(0, 0, 0, 0), amount, unit, &[]);
    Term {
        due,
        strip: strip(calendar, start, unit, &[], &due),
    }
}
