//! Clocks as days (期限): a chip and a strip.

use jiff::civil::Date;
use law::calendar::Calendar;
use law::clock::{ClockState, StripKind};
use law::engine::ClockRun;
use law::procedure::{Procedure, Unit};

/// A clock as the page shows it.
pub struct ClockView {
    /// Name, with its item.
    pub name: String,
    /// Chip class: `late`, `soon`, `ok` or nothing.
    pub class: &'static str,
    /// Words in the chip.
    pub chip: String,
    /// The last day in words.
    pub due: String,
    /// Basis with force.
    pub basis: String,
    /// Who owes it.
    pub owed_by: String,
    /// Days, shortened in the middle when there are many.
    pub days: Vec<DayView>,
}

/// One day of a strip.
pub struct DayView {
    /// Class: `gone`, `off`, `last`, with `now` for today.
    pub class: String,
    /// Weekday.
    pub weekday: &'static str,
    /// Day of the month, or … for days left out.
    pub day: String,
    /// A word: 起算, 第3天, 不计 and why.
    pub word: String,
}

/// Weekday in Chinese.
pub fn weekday(day: Date) -> &'static str {
    let at = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
    ["周一", "周二", "周三", "周四", "周五", "周六", "周日"][at]
}

/// A run of a clock for the page.
pub fn view(procedure: &Procedure, calendar: &Calendar, run: &ClockRun, today: Date) -> ClockView {
    let clock = &procedure.clocks[run.clock.at()];
    let name = match run.item {
        Some(no) => format!("{} #{no}", clock.name),
        None => clock.name.clone(),
    };
    let basis = clock
        .lengths
        .first()
        .map_or_else(String::new, |(_, _, basis)| {
            let mark = if basis.unverified { "〔未核〕" } else { "" };
            format!("{}：{}{mark}", basis.force.word(), basis.text)
        });
    let due_day = run.due.and_then(|due| due.hi);
    let due = match (run.due, due_day) {
        (Some(due), _) if due.instant.is_some() => due.instant.map_or_else(String::new, |t| {
            format!("{} 届满", t.strftime("%Y-%m-%d %H:%M"))
        }),
        (_, Some(day)) => format!("{day}（{}）届满", weekday(day)),
        (Some(due), None) => format!("未定，不早于 {}（放假安排还没有公布）", due.lo),
        _ => String::new(),
    };
    let left = due_day.map(|day| (day - today).get_days());
    let paused = run.pauses.last().is_some_and(|p| p.to.is_none());
    let (class, chip) = match (run.state, left) {
        (ClockState::Met, _) => ("ok", "已按期".to_owned()),
        (ClockState::Expired, _) if run.breached_on.is_some() => {
            ("late", format!("逾期 {} 日", run.days_late))
        }
        (ClockState::Expired, _) => ("", "已满".to_owned()),
        _ if paused => ("", "停，不计".to_owned()),
        (_, Some(0)) => ("soon", "今天".to_owned()),
        (_, Some(left)) if left < 0 => ("late", format!("已过 {} 日", -left)),
        (_, Some(left)) => {
            let (n, day) = match due_day.filter(|_| run.unit == Some(Unit::WorkingDay)) {
                Some(last) => (working_days(calendar, today, last), "个工作日"),
                None => (left.into(), "日"),
            };
            let class = if n <= 3 { "soon" } else { "" };
            (class, format!("还剩 {n} {day}"))
        }
        _ => ("", "未定".to_owned()),
    };
    ClockView {
        name,
        class,
        chip,
        due,
        basis,
        owed_by: clock
            .owed_by
            .map_or_else(String::new, |role| procedure.roles[role.at()].name.clone()),
        days: days(calendar, run, today),
    }
}

/// Working days after one day up to another; every day of it has a calendar, or the last day would not be certain.
fn working_days(calendar: &Calendar, after: Date, last: Date) -> i64 {
    let mut n = 0;
    let mut day = after;
    while day < last {
        let Ok(next) = day.tomorrow() else { break };
        day = next;
        n += i64::from(calendar.is_working(day) == Some(true));
    }
    n
}

fn days(calendar: &Calendar, run: &ClockRun, today: Date) -> Vec<DayView> {
    if matches!(run.unit, Some(Unit::Month | Unit::Year)) {
        return Vec::new();
    }
    let strip = run.strip(calendar);
    let long = strip.len() > 24;
    let cut = strip.len().saturating_sub(8);
    let mut views = Vec::new();
    for (i, day) in strip.iter().enumerate() {
        if long && (6..cut).contains(&i) {
            if i == 6 {
                views.push(DayView {
                    class: String::new(),
                    weekday: "",
                    day: "…".into(),
                    word: format!("略 {} 天", cut - 6),
                });
            }
            continue;
        }
        let (class, word) = match &day.kind {
            StripKind::Start => ("", "起算".to_owned()),
            StripKind::Counted(n) if day.date <= today => ("gone", format!("第{n}天")),
            StripKind::Counted(n) => ("", format!("第{n}天")),
            StripKind::Skipped(why) | StripKind::Rolled(why) => ("off", format!("不计 {why}")),
            StripKind::Last(n) => ("last", format!("第{n}天")),
        };
        let class = if day.date == today {
            format!("{class} now")
        } else {
            class.to_owned()
        };
        views.push(DayView {
            class,
            weekday: weekday(day.date),
            day: day.date.day().to_string(),
            word,
        });
    }
    views
}
