//! The year's cases, procedure by procedure, with the figures of the reference year.

mod enforcement;
mod oversight;
mod people;
mod services;

use super::script::{Days, Script};
use jiff::civil::Date;
use office::Office;

/// What the writers of scripts share.
pub struct Year<'a> {
    /// Working days from the year's first to six weeks after its last.
    pub days: &'a Days,
    /// Number of working days within the year.
    pub last: usize,
    /// The cases so far.
    pub scripts: Vec<Script>,
    /// A synthetic photograph.
    pub photo: office::evidence::Upload,
}

/// All cases of the demo year, and a few of the last days for today's work.
pub fn year(office: &Office, year: i16, today: Date) -> Vec<Script> {
    let first = jiff::civil::date(year, 1, 1);
    let after = jiff::civil::date(year + 1, 2, 20);
    let calendar = &office.pack.calendar;
    let days = Days::new(calendar, first, after);
    let last = days.until(jiff::civil::date(year, 12, 31));
    let photo = office::evidence::keep(office, "演示照片.png", PHOTO)
        .expect("the demo photograph is a sound file");
    let mut writing = Year {
        days: &days,
        last,
        scripts: Vec::new(),
        photo,
    };
    people::study(&mut writing);
    people::meetings(&mut writing);
    services::licenses(&mut writing);
    services::confirmations(&mut writing);
    enforcement::inspections(&mut writing);
    enforcement::penalties(&mut writing);
    people::disputes(&mut writing);
    people::tickets(&mut writing);
    people::tour_items_and_petitions(&mut writing);
    oversight::legal_advice(&mut writing);
    oversight::publicity(&mut writing);
    oversight::congress(&mut writing);
    oversight::appraisal(&mut writing);
    oversight::duties(&mut writing);
    let Year {
        mut scripts, photo, ..
    } = writing;
    let from = today - jiff::Span::new().days(30);
    let recent = Days::new(calendar, from, today);
    if after < from && recent.until(today) > 12 {
        scripts.extend(enforcement::of_today(
            &recent,
            recent.until(today) - 1,
            &photo,
        ));
    }
    scripts
}

/// One grey pixel.
const PHOTO: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0, 0x0A, b'I', b'D', b'A', b'T',
    0x78, 0x9C, 0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xCD, 0x72, 0xB6, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xAE, 0x42, 0x60, 0x82,
];
