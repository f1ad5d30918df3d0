//! Terms against days worked out by hand from the published calendars: the vectors that two independent readers agreed on.

use law::calendar::Calendar;
use law::clock::{StripKind, term};
use law::procedure::Unit::{self, Day, Month, WorkingDay};
use std::path::Path;

fn calendar() -> Calendar {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/calendars");
    let files: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the law pack stands beside the crates")
        .flatten()
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("calendars are UTF-8");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Calendar::from_files(&files).expect("calendar files are sound")
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().expect("a day")
}

fn check(vectors: &[(&str, i64, Unit, &str)]) {
    let calendar = calendar();
    for (start, amount, unit, expect) in vectors {
        let due = term(&calendar, day(start), *amount, *unit).due;
        assert_eq!(
            due.hi,
            Some(day(expect)),
            "{start} and {amount} {unit:?} end on another day"
        );
    }
}

#[test]
fn working_days_skip_rest_days_and_count_make_up_days() {
    check(&[
        ("2026-09-30", 5, WorkingDay, "2026-10-13"),
        ("2026-02-13", 5, WorkingDay, "2026-02-27"),
        ("2023-09-28", 7, WorkingDay, "2023-10-13"),
        ("2023-12-29", 20, WorkingDay, "2024-01-29"),
        ("2025-01-24", 20, WorkingDay, "2025-02-27"),
        ("2024-04-30", 7, WorkingDay, "2024-05-13"),
        ("2023-04-21", 5, WorkingDay, "2023-04-27"),
        ("2024-04-30", 5, WorkingDay, "2024-05-10"),
        ("2024-02-05", 7, WorkingDay, "2024-02-20"),
        ("2024-09-23", 15, WorkingDay, "2024-10-17"),
        ("2024-06-03", 20, WorkingDay, "2024-07-02"),
    ]);
}

#[test]
fn calendar_days_and_months_roll_to_the_next_working_day() {
    check(&[
        ("2026-09-20", 15, Day, "2026-10-08"),
        ("2026-07-05", 90, Day, "2026-10-08"),
        ("2025-09-22", 15, Day, "2025-10-09"),
        // A Saturday on which people work is no reason to roll.
        ("2023-09-22", 15, Day, "2023-10-07"),
        ("2024-02-01", 15, Day, "2024-02-18"),
        ("2024-03-01", 60, Day, "2024-04-30"),
        ("2024-03-01", 90, Day, "2024-05-30"),
        ("2024-09-02", 30, Day, "2024-10-08"),
        ("2024-01-31", 30, Day, "2024-03-01"),
        // 征求意见不少于三十日：五月一日发布，五月三十一日终了之前不能截止。
        ("2024-05-01", 30, Day, "2024-05-31"),
        ("2025-08-31", 3, Month, "2025-12-01"),
    ]);
}

#[test]
fn a_minimum_period_frees_the_day_after_its_last_day() {
    let calendar = calendar();
    for (start, amount, unit, earliest) in [
        ("2026-11-23", 7, WorkingDay, "2026-12-03"),
        ("2026-09-28", 7, WorkingDay, "2026-10-14"),
        ("2024-09-29", 7, WorkingDay, "2024-10-15"),
    ] {
        let last = term(&calendar, day(start), amount, unit).due.hi;
        assert_eq!(
            last.and_then(|last| last.tomorrow().ok()),
            Some(day(earliest))
        );
    }
}

#[test]
fn a_year_without_a_calendar_leaves_the_day_open() {
    let due = term(&calendar(), day("2026-08-31"), 6, Month).due;
    assert_eq!(
        (due.lo, due.hi),
        (day("2027-02-28"), None),
        "nobody knows yet whether people work on 2027-02-28"
    );
}

#[test]
fn the_strip_says_of_each_day_why_it_was_counted_or_not() {
    let strip = term(&calendar(), day("2024-02-05"), 7, WorkingDay).strip;
    let told: Vec<String> = strip
        .iter()
        .map(|d| {
            let word = match &d.kind {
                StripKind::Start => "起".to_owned(),
                StripKind::Counted(n) => n.to_string(),
                StripKind::Last(n) => format!("{n}止"),
                StripKind::Skipped(why) | StripKind::Rolled(why) => why.clone(),
            };
            format!("{}{word}", d.date.strftime("%d "))
        })
        .collect();
    assert_eq!(
        told.join("，"),
        "05 起，06 1，07 2，08 3，09 4，10 春节，11 春节，12 春节，13 春节，14 春节，15 春节，16 春节，17 春节，18 5，19 6，20 7止"
    );
}

#[test]
fn each_year_has_the_working_days_that_its_notice_leaves() {
    let calendar = calendar();
    for (year, n) in [(2023, 249), (2024, 251), (2025, 248), (2026, 248)] {
        let first = jiff::civil::date(year, 1, 1);
        let found = first
            .series(jiff::Span::new().days(1))
            .take_while(|day| day.year() == year)
            .filter(|day| calendar.is_working(*day) == Some(true))
            .count();
        assert_eq!(found, n, "working days of {year}");
    }
}

#[test]
fn a_length_beyond_all_sense_ends_somewhere_and_soon() {
    let calendar = calendar();
    let start = day("2026-03-02").at(9, 0, 0, 0);
    let pause = law::clock::Paused {
        from: day("2026-03-03"),
        to: None,
    };
    for unit in [WorkingDay, Day, Month, Unit::Year, Unit::Hour] {
        for pauses in [&[][..], &[pause]] {
            let due = law::clock::due(&calendar, start, 100_000_000_000_000_000, unit, pauses);
            assert!(day("9999-01-01") < due.lo, "{unit:?}: {due:?}");
        }
    }
}
