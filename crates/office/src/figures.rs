//! Figures (数字): every figure is a list. A count is the length of the marks, a stock the stays at the cut-off, a rate two
//! figures. Whole months are read from running tallies, which `verify` holds against the lists.

use crate::ctx::Ctx;
use crate::error::{Error, Result, fault};
use crate::pack::LawFile;
use jiff::civil::Date;
use law::procedure::{Field, FieldKind, Formula, IndicatorId, Openness};
use law::registers::{RegisterFigure, RegisterFormula};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Tx, params, sql};

/// A computed figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// `procedure.code` or `registers.code`.
    pub indicator: String,
    /// 名称.
    pub label: String,
    /// The figure in micro-units: 1 件 is 1,000,000. A rate is a share of one; absent when the denominator is 0.
    pub micros: Option<i64>,
    /// 单位; `%` for rates.
    pub unit: String,
    /// Of a rate.
    pub numerator: Option<i64>,
    /// Of a rate.
    pub denominator: Option<i64>,
    /// How it is counted, as the law file says.
    pub definition: String,
    /// Last instant that counts, local.
    pub cutoff: String,
    /// Number of entries in the log when it was computed.
    pub log_size: i64,
    /// By dimension: field name → value → count.
    pub by: BTreeMap<String, Vec<(String, i64)>>,
}

impl Figure {
    /// As it is printed: `642`, `98.91%`, `3000`, or 无此类事项.
    pub fn text(&self) -> String {
        match (self.micros, self.unit.as_str()) {
            (None, _) => "无此类事项（0 件）".into(),
            (Some(micros), "%") => {
                // Half away from zero on the second place; a rate below one never prints as 100.00.
                let hundredths = (micros + 50) / 100;
                let hundredths = if micros < 1_000_000 {
                    hundredths.min(9_999)
                } else {
                    hundredths
                };
                format!("{}.{:02}%", hundredths / 100, hundredths % 100)
            }
            (Some(micros), _) if micros % 1_000_000 == 0 => (micros / 1_000_000).to_string(),
            (Some(micros), _) => {
                let hundredths = (micros + 5_000) / 10_000;
                format!("{}.{:02}", hundredths / 100, hundredths % 100)
            }
        }
    }
}

impl Figure {
    /// The figure with its unit, as a sentence wants it.
    pub fn with_unit(&self) -> String {
        match (self.micros, self.unit.as_str()) {
            (None, _) | (_, "%") => self.text(),
            (_, unit) => format!("{}{unit}", self.text()),
        }
    }
}

/// One thing that a figure counts.
#[derive(Debug, Clone)]
pub struct Item {
    /// Case id, or person id for registers of people.
    pub case_id: String,
    /// 编号, or what stands for it.
    pub number: String,
    /// Title.
    pub title: String,
    /// Day.
    pub on: String,
    /// Log position, if one fact stands behind it.
    pub seq: Option<i64>,
    /// What it adds, in micro-units.
    pub micros: i64,
}

/// A span of days with the instant that ends it.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day; its midnight is the cut-off.
    pub until: Date,
}

impl Period {
    /// A calendar year.
    pub fn year(year: i16) -> Period {
        Period {
            from: jiff::civil::date(year, 1, 1),
            until: jiff::civil::date(year, 12, 31),
        }
    }

    fn whole_months(self) -> bool {
        self.from.day() == 1 && self.until == self.until.last_of_month()
    }
}

/// Computes figures for one period, each part once.
pub struct Figures<'a> {
    tx: &'a mut Tx,
    ctx: &'a Ctx,
    period: Period,
    log_size: i64,
    /// Entries that count; all of them unless pinned.
    pinned: bool,
}

impl<'a> Figures<'a> {
    /// Starts for a period; everything computed is pinned to the log as it stands.
    pub fn new(tx: &'a mut Tx, ctx: &'a Ctx, period: Period) -> Result<Self> {
        let log_size = crate::log::size(tx, &ctx.org)?;
        Ok(Figures {
            tx,
            ctx,
            period,
            log_size,
            pinned: false,
        })
    }

    /// The same, as the log stood at a given size.
    #[must_use]
    pub fn pinned(mut self, log_size: i64) -> Self {
        self.pinned = log_size < self.log_size;
        self.log_size = log_size.min(self.log_size);
        self
    }

    /// Number of entries that count.
    pub fn log_size(&self) -> i64 {
        self.log_size
    }

    /// One figure by `procedure.code` or `registers.code`.
    pub fn figure(&mut self, reference: &str) -> Result<Figure> {
        let (owner, code) = split(reference)?;
        if owner == "registers" {
            return self.register_figure(code);
        }
        let law = self.law(owner)?;
        let id = indicator(&law, code)?;
        let declared = &law.procedure.indicators[id.at()];
        let mut figure = Figure {
            indicator: reference.to_owned(),
            label: declared.name.clone(),
            micros: None,
            unit: declared.unit.clone(),
            numerator: None,
            denominator: None,
            definition: declared.source.clone(),
            cutoff: format!("{} 24:00", self.period.until),
            log_size: self.log_size,
            by: BTreeMap::new(),
        };
        match &declared.formula {
            Formula::Rate(top, bottom) => {
                let (top, bottom) = (self.value(&law, *top)?, self.value(&law, *bottom)?);
                rate(&mut figure, top, bottom, declared.unit == "件");
            }
            _ => {
                figure.micros = Some(self.value(&law, id)?);
                for field in &declared.by {
                    let field = &law.procedure.fields[field.at()];
                    if !may_be_counted_by(&law, field) {
                        continue;
                    }
                    figure
                        .by
                        .insert(field.name.clone(), self.dimension(reference, &field.code)?);
                }
            }
        }
        Ok(figure)
    }

    /// The list behind a figure. Rates list their numerator.
    pub fn list(&mut self, reference: &str) -> Result<Vec<Item>> {
        let (owner, code) = split(reference)?;
        if owner == "registers" {
            return self.register_list(code);
        }
        let law = self.law(owner)?;
        let id = indicator(&law, code)?;
        self.items(&law, id)
    }

    /// Checks every 平衡 line of a procedure; answers what does not balance, in Chinese.
    pub fn unbalanced(&mut self, procedure: &str) -> Result<Vec<String>> {
        let law = self.law(procedure)?;
        let mut found = Vec::new();
        for balance in &law.procedure.balances {
            let before = self.period.from.yesterday().map_err(fault)?;
            let mut left = self.stock(&law, balance.stock, before)?;
            for id in &balance.inflow {
                left += self.value(&law, *id)? / 1_000_000;
            }
            let mut right = self.stock(&law, balance.stock, self.period.until)?;
            for id in &balance.outflow {
                right += self.value(&law, *id)? / 1_000_000;
            }
            if left != right {
                found.push(format!(
                    "{}：左边 {left}，右边 {right}（{}）",
                    law.procedure.title, balance.source
                ));
            }
        }
        Ok(found)
    }

    fn law(&self, code: &str) -> Result<std::sync::Arc<LawFile>> {
        self.ctx
            .pack
            .file(code)
            .cloned()
            .ok_or_else(|| Error::Form(vec![("指标".into(), format!("没有程序“{code}”"))]))
    }

    /// Sum, count or stock in micro-units.
    fn value(&mut self, law: &LawFile, id: IndicatorId) -> Result<i64> {
        match &law.procedure.indicators[id.at()].formula {
            Formula::Count(_) | Formula::Sum(..) => self.sum(&reference(law, id)),
            Formula::StockOfCases(_) | Formula::StockOfItems(..) => {
                Ok(self.stock(law, id, self.period.until)? * 1_000_000)
            }
            Formula::Distinct(..) => Ok(self.items(law, id)?.iter().map(|item| item.micros).sum()),
            Formula::Total(parts) => {
                let mut total = 0;
                for (adds, part) in parts {
                    let value = self.value(law, *part)?;
                    total += if *adds { value } else { -value };
                }
                Ok(total)
            }
            Formula::Rate(top, bottom) => {
                let (top, bottom) = (self.value(law, *top)?, self.value(law, *bottom)?);
                Ok(if bottom == 0 { 0 } else { share(top, bottom) })
            }
        }
    }

    /// The sum of the marks of the period.
    fn sum(&mut self, reference: &str) -> Result<i64> {
        if !self.pinned && self.period.whole_months() {
            return Ok(self.tx.query_one(
                sql!(
                    "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM tallies
                      WHERE org = $1 AND indicator = $2 AND month >= $3 AND month <= $4 AND dim = ''"
                ),
                params![
                    self.ctx.org,
                    reference,
                    self.period.from.strftime("%Y-%m").to_string(),
                    self.period.until.strftime("%Y-%m").to_string()
                ],
                |row| row.get(0),
            )?);
        }
        Ok(self.tx.query_one(
            sql!(
                "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM marks
                  WHERE org = $1 AND indicator = $2 AND on_day >= $3 AND on_day <= $4 AND seq < $5"
            ),
            params![
                self.ctx.org,
                reference,
                self.period.from.to_string(),
                self.period.until.to_string(),
                self.log_size
            ],
            |row| row.get(0),
        )?)
    }

    fn items(&mut self, law: &LawFile, id: IndicatorId) -> Result<Vec<Item>> {
        match &law.procedure.indicators[id.at()].formula {
            Formula::Count(_) | Formula::Sum(..) => self.marks(law, id),
            Formula::Distinct(..) => {
                let mut seen = BTreeSet::new();
                let all = self.marks(law, id)?;
                Ok(all
                    .into_iter()
                    .filter(|item| seen.insert(item.title.clone()))
                    .collect())
            }
            Formula::StockOfCases(_) | Formula::StockOfItems(..) => self.stays(law, id),
            Formula::Total(parts) => {
                let mut out: Vec<Item> = Vec::new();
                for (adds, part) in parts.clone() {
                    let items = self.items(law, part)?;
                    if adds {
                        out.extend(items);
                    } else {
                        let gone: BTreeSet<String> = items.into_iter().map(|i| i.case_id).collect();
                        out.retain(|item| !gone.contains(&item.case_id));
                    }
                }
                Ok(out)
            }
            Formula::Rate(top, _) => self.items(law, *top),
        }
    }

    fn marks(&mut self, law: &LawFile, id: IndicatorId) -> Result<Vec<Item>> {
        let code = reference(law, id);
        let formula = &law.procedure.indicators[id.at()].formula;
        let distinct = matches!(formula, Formula::Distinct(..));
        Ok(self.tx.query(
            sql!(
                "SELECT m.case_id, c.number, c.title, m.on_day, m.seq, m.amount, m.thing
                   FROM marks m JOIN cases c ON c.org = m.org AND c.id = m.case_id
                  WHERE m.org = $1 AND m.indicator = $2 AND m.on_day >= $3 AND m.on_day <= $4 AND m.seq < $5
                  ORDER BY m.on_day, m.seq, m.thing"
            ),
            params![
                self.ctx.org,
                code,
                self.period.from.to_string(),
                self.period.until.to_string(),
                self.log_size
            ],
            |row| {
                let thing: String = row.get(6)?;
                Ok(Item {
                    case_id: row.get(0)?,
                    number: row.get(1)?,
                    title: if distinct { thing } else { row.get(2)? },
                    on: row.get(3)?,
                    seq: Some(row.get(4)?),
                    micros: row.get(5)?,
                })
            },
        )?)
    }

    /// How many cases or items are in stock at the end of a day.
    fn stock(&mut self, law: &LawFile, id: IndicatorId, day: Date) -> Result<i64> {
        let reference = reference(law, id);
        if !self.pinned {
            return crate::stocks::count(self.tx, &self.ctx.org, &reference, day);
        }
        let (org, log_size) = (&self.ctx.org, self.log_size);
        let list = crate::stocks::list(self.tx, org, &reference, day, log_size, None, i64::MAX)?;
        i64::try_from(list.len()).map_err(fault)
    }

    /// What is in stock at the cut-off.
    fn stays(&mut self, law: &LawFile, id: IndicatorId) -> Result<Vec<Item>> {
        let (org, day) = (&self.ctx.org, self.period.until);
        let reference = reference(law, id);
        let found =
            crate::stocks::list(self.tx, org, &reference, day, self.log_size, None, i64::MAX)?;
        Ok(found.into_iter().map(|(item, _)| item).collect())
    }

    fn dimension(&mut self, indicator: &str, dim: &str) -> Result<Vec<(String, i64)>> {
        Ok(self.tx.query(
            sql!(
                "SELECT thing, CAST(SUM(n) AS BIGINT) FROM tallies
                  WHERE org = $1 AND indicator = $2 AND month >= $3 AND month <= $4 AND dim = $5
                  GROUP BY thing ORDER BY 2 DESC, 1 LIMIT 40"
            ),
            params![
                self.ctx.org,
                indicator,
                self.period.from.strftime("%Y-%m").to_string(),
                self.period.until.strftime("%Y-%m").to_string(),
                dim
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?)
    }

    fn declared(&self, code: &str) -> Result<RegisterFigure> {
        self.ctx
            .pack
            .registers
            .iter()
            .find(|figure| figure.code == code)
            .cloned()
            .ok_or_else(|| {
                Error::Form(vec![("指标".into(), format!("没有指标“registers.{code}”"))])
            })
    }

    /// A formula as people read it: names instead of the codes that refer to other figures.
    fn in_names(&self, source: &str) -> String {
        source
            .split_inclusive([' ', '、'])
            .map(|part| {
                let word = part.trim_end_matches([' ', '、']);
                let name = match word.split_once('.') {
                    Some((procedure, code)) => self
                        .ctx
                        .pack
                        .file(procedure)
                        .and_then(|law| {
                            let all = &law.procedure.indicators;
                            all.iter().find(|indicator| indicator.code == code)
                        })
                        .map(|indicator| indicator.name.clone()),
                    None => self.declared(word).ok().map(|declared| declared.name),
                };
                match name {
                    Some(name) => part.replacen(word, &name, 1),
                    None => part.to_owned(),
                }
            })
            .collect()
    }

    fn register_figure(&mut self, code: &str) -> Result<Figure> {
        let declared = self.declared(code)?;
        let mut figure = Figure {
            indicator: format!("registers.{code}"),
            label: declared.name.clone(),
            micros: None,
            unit: declared.unit.clone(),
            numerator: None,
            denominator: None,
            definition: self.in_names(&declared.source),
            cutoff: format!("{} 24:00", self.period.until),
            log_size: self.log_size,
            by: BTreeMap::new(),
        };
        if let RegisterFormula::Rate(top, bottom) = &declared.formula {
            let top = self.figure(top)?.micros.unwrap_or_default();
            let bottom = self.figure(bottom)?.micros.unwrap_or_default();
            rate(&mut figure, top, bottom, true);
        } else {
            figure.micros = Some(
                self.register_list(code)?
                    .iter()
                    .map(|item| item.micros)
                    .sum(),
            );
        }
        Ok(figure)
    }

    fn register_list(&mut self, code: &str) -> Result<Vec<Item>> {
        let day = self.period.until;
        let one = |id: String, number: String, title: String, on: String| Item {
            case_id: id,
            number,
            title,
            on,
            seq: None,
            micros: 1_000_000,
        };
        match self.declared(code)?.formula {
            RegisterFormula::Certificates(kind) => {
                let day = day.to_string();
                Ok(crate::people::certificates(self.tx, &self.ctx.org)?
                    .into_iter()
                    .filter(|(c, _, stationed)| {
                        !stationed && c.kind == kind && c.from_on <= day && c.until_on >= day
                    })
                    .map(|(c, name, _)| one(c.person, c.number, name, c.from_on))
                    .collect())
            }
            RegisterFormula::Staff => Ok(crate::people::on_day(self.tx, &self.ctx.org, day)?
                .into_iter()
                .filter(|(person, _)| !person.stationed)
                .map(|(person, posts)| {
                    one(person.id, posts.join("、"), person.name, person.from_on)
                })
                .collect()),
            RegisterFormula::Listing(name) => {
                Ok(crate::listings::on_day(self.tx, &self.ctx.org, &name, day)?
                    .into_iter()
                    .map(|entry| one(String::new(), entry.listing, entry.key, entry.from_on))
                    .collect())
            }
            RegisterFormula::Union { of, by } => {
                let groups = self.linked(&of, &by)?;
                Ok(groups
                    .into_iter()
                    .map(|mut group| group.remove(0))
                    .collect())
            }
            RegisterFormula::Overlap { of, by } => {
                let groups = self.linked(&of, &by)?;
                Ok(groups
                    .into_iter()
                    .filter(|group| group.len() > 1)
                    .map(|mut group| group.remove(0))
                    .collect())
            }
            RegisterFormula::Rate(top, _) => self.list(&top),
        }
    }

    /// Cases of several lists, grouped where one names the other in the field `by`.
    fn linked(&mut self, of: &[String], by: &str) -> Result<Vec<Vec<Item>>> {
        let mut groups: Vec<Vec<Item>> = Vec::new();
        let mut place: HashMap<String, usize> = HashMap::new();
        for reference in of {
            for item in self.list(reference)? {
                let others: Vec<String> = self.tx.query(
                    sql!(
                        "SELECT to_case FROM case_links WHERE org = $1 AND from_case = $2 AND kind = $3
                         UNION SELECT from_case FROM case_links WHERE org = $1 AND to_case = $2 AND kind = $3"
                    ),
                    params![self.ctx.org, item.case_id, by],
                    |row| row.get(0),
                )?;
                let known = others
                    .iter()
                    .chain([&item.case_id])
                    .find_map(|id| place.get(id).copied());
                let at = known.unwrap_or_else(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
                place.insert(item.case_id.clone(), at);
                groups[at].push(item);
            }
        }
        Ok(groups)
    }
}

/// Sums of a closed procedure are told by choices, not by what somebody wrote: that would tell what the cases are about.
fn may_be_counted_by(law: &LawFile, field: &Field) -> bool {
    let told = matches!(
        field.kind,
        FieldKind::Choice(_)
            | FieldKind::Choices(_)
            | FieldKind::YesNo
            | FieldKind::ListingEntry(_)
    );
    law.procedure.known_to.is_none() || (told && field.openness != Openness::HandlersOnly)
}

fn reference(law: &LawFile, id: IndicatorId) -> String {
    let procedure = &law.procedure;
    format!("{}.{}", procedure.code, procedure.indicators[id.at()].code)
}

fn rate(figure: &mut Figure, top: i64, bottom: i64, percent: bool) {
    figure.numerator = Some(top / 1_000_000);
    figure.denominator = Some(bottom / 1_000_000);
    figure.micros = (bottom != 0).then(|| share(top, bottom));
    if percent || figure.unit.is_empty() {
        figure.unit = "%".into();
    }
}

fn share(top: i64, bottom: i64) -> i64 {
    let exact = i128::from(top) * 1_000_000 / i128::from(bottom);
    i64::try_from(exact).unwrap_or(i64::MAX)
}

fn split(reference: &str) -> Result<(&str, &str)> {
    reference.split_once('.').ok_or_else(|| {
        Error::Form(vec![(
            "指标".into(),
            format!("“{reference}”应当写成 程序代号.指标代号"),
        )])
    })
}

fn indicator(law: &LawFile, code: &str) -> Result<IndicatorId> {
    law.procedure
        .indicators
        .iter()
        .position(|i| i.code == code || i.name == code)
        .map(|i| IndicatorId(u16::try_from(i).expect("a law file is far smaller")))
        .ok_or_else(|| {
            Error::Form(vec![(
                "指标".into(),
                format!("“{}”里没有指标“{code}”", law.procedure.title),
            )])
        })
}
