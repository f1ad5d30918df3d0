//! When a report was due and when it was done (报送、公开的期限): on time, late, not yet, exempt; read off the records, never typed.

use crate::ctx::Ctx;
use crate::error::Result;
use crate::records;
use jiff::civil::{Date, date};
use store::{Tx, params, sql};

/// How a duty stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Done before the day.
    OnTime,
    /// Done this many days too late, counted from the first late day as nought.
    Late(i64),
    /// Not done, still this many days left.
    NotYet(i64),
    /// Not done, and this many days too late.
    Overdue(i64),
    /// Nobody owed it: why.
    Exempt(String),
}

/// One duty of a report: to be submitted, to be public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeliness {
    /// The first day on which it is too late.
    pub before: Date,
    /// When it was done, local; absent while it is not.
    pub published_at: Option<String>,
    /// Days from `before` to the act, if it was late; counted to today while it is not done.
    pub days_late: i64,
    /// The same in one word.
    pub standing: Standing,
}

impl Timeliness {
    /// As a sentence: what was due when, and what happened.
    pub fn sentence(&self, act: &str) -> String {
        let before = self.before;
        let day = self
            .published_at
            .as_deref()
            .and_then(|at| at.get(..10))
            .unwrap_or_default();
        match &self.standing {
            Standing::OnTime => format!("按期{act}：应于 {before} 之前，实际 {day}"),
            Standing::Late(n) => format!("逾期{act} {n} 日：应于 {before} 之前，实际 {day}"),
            Standing::NotYet(n) => format!("尚未{act}：应于 {before} 之前，还有 {n} 日"),
            Standing::Overdue(n) => {
                format!("逾期未{act}：应于 {before} 之前，已经迟 {n} 日")
            }
            Standing::Exempt(why) => format!("不须{act}：{why}"),
        }
    }

    /// The state as other programs read it.
    pub fn word(&self) -> &'static str {
        match self.standing {
            Standing::OnTime => "on_time",
            Standing::Late(_) => "late",
            Standing::NotYet(_) => "not_yet",
            Standing::Overdue(_) => "overdue",
            Standing::Exempt(_) => "exempt",
        }
    }
}

/// Both duties of the report of a year, and to whom it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// 报送: before 1 March of the next year, by provincial rule that nobody here has read.
    pub submission: Timeliness,
    /// 公开: before 1 April of the next year.
    pub publication: Timeliness,
    /// 主送、抄送, as the record of submission says.
    pub submitted_to: Option<String>,
}

/// Was the report of a year public before 1 April of the next (督察工作规定 第24条)?
pub fn timeliness(year: i16, published_at: Option<&str>, today: Date) -> Timeliness {
    duty(date(year + 1, 4, 1), published_at, today, None)
}

/// How a duty stands: done or not, before a day.
fn duty(before: Date, done: Option<&str>, today: Date, exempt: Option<&str>) -> Timeliness {
    // The rule is in force since 15 April 2019: what would have been due earlier was owed by nobody under it.
    let in_force = date(2019, 4, 15);
    let done_on = done
        .and_then(|at| at.get(..10))
        .and_then(|day| day.parse::<Date>().ok());
    let days = i64::from((done_on.unwrap_or(today) - before).get_days());
    let standing = match (exempt, done_on) {
        (Some(why), None) => Standing::Exempt(why.to_owned()),
        (None, _) if before < in_force => {
            Standing::Exempt("督察工作规定自 2019-04-15 起施行，此前没有这项时限".into())
        }
        (_, Some(_)) if days < 0 => Standing::OnTime,
        (_, Some(_)) => Standing::Late(days),
        (None, None) if days < 0 => Standing::NotYet(-days),
        (None, None) => Standing::Overdue(days),
    };
    let days_late = match standing {
        Standing::Late(days) | Standing::Overdue(days) => days,
        _ => 0,
    };
    Timeliness {
        before,
        published_at: done.map(str::to_owned),
        days_late,
        standing,
    }
}

/// Reads both duties off the case of the report; without a case, nothing has been done.
pub fn deadlines(tx: &mut Tx, ctx: &Ctx, year: i16) -> Result<Deadlines> {
    let case: Option<String> = tx.query_opt(
        sql!("SELECT case_id FROM reports WHERE org = $1 AND year = $2"),
        params![ctx.org, i64::from(year)],
        |row| row.get(0),
    )?;
    let record = case.map(|id| records::load(tx, ctx, &id)).transpose()?;
    let last = |code: &str| {
        let record = record.as_ref()?;
        let facts = record.history.facts.iter().rev();
        facts
            .into_iter()
            .find(|f| record.law.procedure.steps[f.step.at()].code == code)
    };
    let text = |step: &str, field: &str| {
        let field = record.as_ref()?.law.field(field)?;
        last(step)?
            .values
            .get(&field)
            .map(law::value::Value::display)
    };
    let at = |code: &str| last(code).map(|fact| fact.at.to_string());
    let exempt = text("exempt", "exempt_reason");
    Ok(Deadlines {
        submission: duty(
            date(year + 1, 3, 1),
            at("submit").as_deref(),
            ctx.today(),
            None,
        ),
        publication: duty(
            date(year + 1, 4, 1),
            at("publish").as_deref(),
            ctx.today(),
            exempt.as_deref(),
        ),
        submitted_to: text("submit", "submitted_to"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(year: i16, done: Option<&str>, today: (i16, i8, i8), standing: Standing) {
        let today = date(today.0, today.1, today.2);
        assert_eq!(timeliness(year, done, today).standing, standing);
    }

    #[test]
    fn the_reference_report_was_public_94_days_late() {
        check(
            2023,
            Some("2024-07-04T10:14:00"),
            (2026, 1, 1),
            Standing::Late(94),
        );
    }

    #[test]
    fn the_day_itself_is_too_late_and_the_day_before_is_not() {
        let at = Some("2024-03-31T23:59:00");
        check(2023, at, (2024, 5, 1), Standing::OnTime);
        let at = Some("2024-04-01T00:00:00");
        check(2023, at, (2024, 5, 1), Standing::Late(0));
    }

    #[test]
    fn what_is_not_public_is_counted_to_today() {
        check(2023, None, (2024, 3, 31), Standing::NotYet(1));
        check(2023, None, (2024, 4, 11), Standing::Overdue(10));
    }

    #[test]
    fn nobody_owed_it_before_the_rule_or_when_it_is_secret() {
        assert!(matches!(
            timeliness(2017, None, date(2020, 1, 1)).standing,
            Standing::Exempt(_)
        ));
        let secret = duty(
            date(2024, 4, 1),
            None,
            date(2024, 5, 1),
            Some("涉及国家秘密"),
        );
        assert_eq!(secret.sentence("公开"), "不须公开：涉及国家秘密");
        assert_eq!(secret.days_late, 0);
    }
}
