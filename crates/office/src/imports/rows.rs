//! Rows of a register as acts: what a cell means, whom it names, which later columns are further steps.

use super::kinds::Later;
use super::{Handing, Imported, Kind, WAIVED, own_roles, split, step_of};
use crate::cases::{Done, Outcome, open_in, take_step_in};
use crate::ctx::{Ctx, hex};
use crate::error::{Error, Result, fault};
use crate::inputs::{Draft, Input};
use crate::pack::LawFile;
use crate::people;
use document::table::{self, Table};
use jiff::civil::DateTime;
use law::engine::Refusal;
use law::procedure::{Condition, FieldKind, StepId};
use ledger::Recorded;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use store::Tx;

/// One step that a row asks for.
pub(super) struct Act {
    /// Number of the row.
    row: usize,
    /// Where in the sheet it is asked for.
    place: String,
    /// Key of its content.
    key: String,
    step: StepId,
    at: DateTime,
    draft: Draft,
}

/// Reads the rows of a sheet as acts.
pub(super) struct Rows<'a> {
    pub kind: &'a Kind,
    pub law: &'a LawFile,
    /// What each column means.
    pub fields: &'a [Option<String>],
    /// The year of the register, for days that are written without one.
    pub year: Option<i64>,
    pub handing: Handing<'a>,
}

type Faults = Vec<(String, String)>;

impl Rows<'_> {
    /// For each row its opening and its later steps in the order of their days; all unreadable cells at once.
    pub fn read(&self, table: &Table, skipped: &mut Vec<usize>) -> Result<Vec<Vec<Act>>> {
        let mut faults = Vec::new();
        let mut found = Vec::new();
        for (row, cells) in &table.rows {
            if is_foot(cells) && self.undated(*row, cells) {
                skipped.push(*row);
                continue;
            }
            let typed = self.typed(*row, cells, &mut faults);
            let Some(at) = self.day(&typed, self.kind.days) else {
                faults.push((format!("第 {row} 行"), "没有写时间，或者没有这一天".into()));
                continue;
            };
            let first = self.law.procedure.starts_with;
            let values = self.values(first, &typed, self.kind.defaults);
            let canonical =
                serde_json::to_string(&(self.kind.name, at.to_string(), &values)).map_err(fault)?;
            let opening = Act {
                row: *row,
                place: format!("第 {row} 行"),
                key: hex(&Sha256::digest(canonical.as_bytes())),
                step: first,
                at,
                draft: self.draft(first, at, values, &typed),
            };
            let mut later = Vec::new();
            for step in self.kind.later {
                let Some(column) = asking(step, &typed) else {
                    continue;
                };
                let place = self.place(column, *row);
                let Some(at) = self.day(&typed, step.days) else {
                    let why = format!("写了“{column}”，没有写“{}”", step.days[0]);
                    faults.push((place, why));
                    continue;
                };
                // A bare day says nothing of the hour: it is not before what the same day has seen already.
                let at = later
                    .iter()
                    .chain([&opening])
                    .map(|act: &Act| act.at)
                    .filter(|before| at == at.date().into() && before.date() == at.date())
                    .fold(at, DateTime::max);
                let id = step_of(self.law, step.step)?;
                let values = self.values(id, &typed, step.defaults);
                let canonical =
                    serde_json::to_string(&(&opening.key, step.step, at.to_string(), &values))
                        .map_err(fault)?;
                later.push(Act {
                    row: *row,
                    place,
                    key: hex(&Sha256::digest(canonical.as_bytes())),
                    step: id,
                    at,
                    draft: self.draft(id, at, values, &typed),
                });
            }
            self.check_results(*row, &typed, &mut faults);
            later.sort_by_key(|act| act.at);
            later.insert(0, opening);
            found.push(later);
        }
        if faults.is_empty() {
            Ok(found)
        } else {
            Err(Error::Form(faults))
        }
    }

    /// Does a row name no day of a first step?
    fn undated(&self, row: usize, cells: &[String]) -> bool {
        let typed = self.typed(row, cells, &mut Vec::new());
        self.day(&typed, self.kind.days).is_none()
    }

    /// The cells of a row by what they mean, days in the standard form.
    fn typed(&self, row: usize, cells: &[String], faults: &mut Faults) -> BTreeMap<String, String> {
        let mut typed = BTreeMap::new();
        for (column, cell) in cells.iter().enumerate() {
            let Some(Some(field)) = self.fields.get(column) else {
                continue;
            };
            if cell.is_empty() {
                continue;
            }
            let text = match self.standard(field, cell) {
                Ok(text) => text,
                Err(why) => {
                    faults.push((table::address(column, row), why));
                    continue;
                }
            };
            typed.insert(field.clone(), text);
        }
        typed
    }

    /// A cell as the form takes it: days and numbers in the standard form, a tick as yes.
    fn standard(&self, column: &str, cell: &str) -> std::result::Result<String, String> {
        if self.dated(column) {
            return table::date_in(cell, self.year)
                .ok_or_else(|| format!("“{cell}”不是完整的日期，也不能由标题里的年份补全"));
        }
        let field = self.law.field(column);
        let kind = field.map(|f| &self.law.procedure.fields[f.at()].kind);
        let read = match (kind, cell) {
            (Some(FieldKind::Number), _) => table::number(cell),
            (Some(FieldKind::YesNo), "√" | "✓" | "✔") => Some("是".to_owned()),
            (Some(FieldKind::YesNo), "×" | "✗" | "✘") => Some("否".to_owned()),
            _ => None,
        };
        Ok(read.unwrap_or_else(|| cell.to_owned()))
    }

    fn dated(&self, column: &str) -> bool {
        let field = self.law.field(column);
        let kind = field.map(|f| &self.law.procedure.fields[f.at()].kind);
        matches!(kind, Some(FieldKind::Date | FieldKind::Instant))
            || self.kind.days.contains(&column)
            || self.kind.later.iter().any(|l| l.days.contains(&column))
    }

    /// The day in the first of some columns that has one.
    fn day(&self, typed: &BTreeMap<String, String>, columns: &[&str]) -> Option<DateTime> {
        let text = columns.iter().find_map(|column| typed.get(*column))?;
        let long = if text.len() == 10 {
            format!("{text}T00:00")
        } else {
            text.replace(' ', "T")
        };
        long.parse().ok()
    }

    /// What a row says for the form of a step.
    fn values(
        &self,
        step: StepId,
        typed: &BTreeMap<String, String>,
        defaults: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        for entry in &self.law.procedure.steps[step.at()].form {
            let name = &self.law.procedure.fields[entry.field.at()].name;
            let default = || {
                let (_, value) = defaults.iter().find(|(field, _)| field == name)?;
                match value.strip_prefix('=') {
                    Some(other) => typed.get(other).cloned(),
                    None => Some((*value).to_owned()),
                }
            };
            if let Some(text) = typed.get(name).cloned().or_else(default) {
                values.insert(name.clone(), text);
            }
        }
        values
    }

    fn draft(
        &self,
        step: StepId,
        at: DateTime,
        values: BTreeMap<String, String>,
        typed: &BTreeMap<String, String>,
    ) -> Draft {
        let mut persons = BTreeMap::new();
        let roles: Vec<&str> = own_roles(self.law, step).collect();
        let any = self.law.procedure.steps[step.at()].actors.any;
        let chosen: Vec<&str> = if any {
            let written = roles.iter().find(|role| typed.contains_key(**role));
            written.or(roles.first()).copied().into_iter().collect()
        } else {
            roles
        };
        for role in chosen {
            if let Some(text) = typed.get(role).map(String::as_str).or(self.handing.by) {
                persons.insert(role.to_owned(), split(text));
            }
        }
        let values = values
            .into_iter()
            .map(|(name, text)| {
                let field = self.law.field(&name);
                let kind = field.map(|f| &self.law.procedure.fields[f.at()].kind);
                let bare = matches!(kind, Some(FieldKind::Instant)) && text.len() == 10;
                let text = if bare { format!("{text} 00:00") } else { text };
                (name, Input::Text(text))
            })
            .collect();
        Draft {
            step: self.law.procedure.steps[step.at()].code.clone(),
            values,
            persons,
            at: Some(at),
            imported: true,
            waivers: self.waivers(step),
            ..Draft::default()
        }
    }

    /// What asks for a photograph in a step, and may be set aside.
    fn photographs(&self, step: StepId) -> impl Iterator<Item = usize> {
        let procedure = &self.law.procedure;
        procedure.steps[step.at()]
            .requires
            .iter()
            .filter(|requirement| {
                requirement.waivable_by.is_some()
                    && matches!(&requirement.condition, Condition::Present(of, true)
                        if procedure.fields[of.field.at()].kind == FieldKind::File)
            })
            .map(|requirement| requirement.line_no)
    }

    fn waivers(&self, step: StepId) -> Vec<(usize, String, String)> {
        let Some(person) = self.handing.waived_by else {
            return Vec::new();
        };
        self.photographs(step)
            .map(|line| (line, person.to_owned(), WAIVED.to_owned()))
            .collect()
    }

    /// A refusal in a sentence; for photographs with what can be done.
    fn told(&self, act: &Act, refusal: Box<Refusal>) -> String {
        let lines: Vec<usize> = self.photographs(act.step).collect();
        let asks = refusal.grounds.iter().any(|g| lines.contains(&g.line_no));
        let sentence = Error::Refused(refusal).to_string();
        match (asks, self.handing.waived_by) {
            (false, _) => sentence,
            (true, None) => format!(
                "{sentence}；表格里没有照片，可以用 --waive-by 写明由谁免去（要当日有这个职务的人）"
            ),
            (true, Some(person)) => {
                format!("{sentence}；“{person}”当日没有可以免去这一项的职务")
            }
        }
    }

    /// A column that says how it ended must say it in one of the known words.
    fn check_results(&self, row: usize, typed: &BTreeMap<String, String>, faults: &mut Faults) {
        let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (column, words) in self.kind.later.iter().filter_map(|later| later.result) {
            known.entry(column).or_default().extend(words);
        }
        for (column, words) in known {
            if let Some(text) = typed.get(column)
                && !words.contains(&text.as_str())
            {
                let why = format!("“{text}”不认得，可填：{}", words.join("、"));
                faults.push((self.place(column, row), why));
            }
        }
    }

    fn place(&self, column: &str, row: usize) -> String {
        let at = self
            .fields
            .iter()
            .position(|f| f.as_deref() == Some(column));
        let place = at.map_or(format!("第 {row} 行"), |c| table::address(c, row));
        format!("{place} {column}")
    }

    /// Takes the steps of one row until one of them is not permitted.
    pub fn replay(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        acts: &[Act],
        done: &mut Imported,
        recorded: &mut Option<Recorded<()>>,
        faults: &mut Faults,
    ) -> Result<()> {
        let mut case: Option<Done> = None;
        let mut item = None;
        for act in acts {
            let ctx = Ctx {
                request: Some(format!("import-{}", &act.key[..40])),
                ..ctx.clone()
            };
            let answer = self.named(tx, &ctx, act).and_then(|mut draft| match &case {
                None => open_in(tx, &ctx, self.kind.procedure, &draft),
                Some(case) => {
                    let procedure = &self.law.procedure;
                    let of = procedure.steps[act.step.at()].item;
                    let starts =
                        of.is_some_and(|i| procedure.items[i.at()].starts_with == act.step);
                    draft.item = of.and(item).filter(|_| !starts);
                    take_step_in(tx, &ctx, &case.case, &draft)
                }
            });
            let taken = match answer {
                Ok(one) => {
                    let outcome: Outcome = one.get().clone();
                    let one = one.map(|_| ());
                    *recorded = Some(match recorded.take() {
                        None => one,
                        Some(earlier) => Recorded::and(earlier, one).map(|_| ()),
                    });
                    match outcome {
                        Ok(taken) if case.is_none() => {
                            done.opened += 1;
                            taken
                        }
                        Ok(taken) => {
                            done.steps += 1;
                            done.waived += act.draft.waivers.len();
                            taken
                        }
                        Err(refusal) => {
                            faults.push((act.place.clone(), self.told(act, refusal)));
                            return Ok(());
                        }
                    }
                }
                Err(Error::Repeated(taken)) => {
                    done.known += usize::from(case.is_none());
                    *taken
                }
                Err(Error::Form(found)) => {
                    faults.extend(
                        found
                            .into_iter()
                            .map(|(field, why)| (self.place(&field, act.row), why)),
                    );
                    return Ok(());
                }
                Err(e) => return Err(e),
            };
            item = taken.item.or(item);
            case.get_or_insert(taken);
        }
        Ok(())
    }

    /// The draft of an act with the people it names by id.
    fn named(&self, tx: &mut Tx, ctx: &Ctx, act: &Act) -> Result<Draft> {
        let day = act.at.date();
        let mut draft = act.draft.clone();
        let mut ids = |column: &str, words: &[String]| -> Result<Vec<String>> {
            let mut ids = Vec::new();
            for word in words {
                match people::named(tx, &ctx.org, word, day)?.as_slice() {
                    [id] => ids.push(id.clone()),
                    [] => {
                        let why = format!("{day} 没有在岗人员“{word}”");
                        return Err(Error::Form(vec![(column.to_owned(), why)]));
                    }
                    several => {
                        let all = several.join("、");
                        let why = format!("“{word}”有几位，请写人员编号（{all}）");
                        return Err(Error::Form(vec![(column.to_owned(), why)]));
                    }
                }
            }
            Ok(ids)
        };
        for (role, persons) in &mut draft.persons {
            *persons = ids(role, persons)?;
        }
        for (_, person, _) in &mut draft.waivers {
            if let Some(id) = ids("--waive-by", std::slice::from_ref(person))?.pop() {
                *person = id;
            }
        }
        for (name, input) in &mut draft.values {
            let field = self.law.field(name);
            let kind = field.map(|f| &self.law.procedure.fields[f.at()].kind);
            if let (Some(FieldKind::People), Input::Text(text)) = (kind, &*input) {
                *input = Input::Text(ids(name, &split(text))?.join("、"));
            }
        }
        Ok(draft)
    }
}

/// A row below the register that sums it up or signs it: its first words say so, and few cells follow.
fn is_foot(cells: &[String]) -> bool {
    let mut filled = cells.iter().filter(|cell| !cell.is_empty());
    let first: String = filled.next().map_or_else(String::new, |cell| {
        cell.chars().filter(|c| !c.is_whitespace()).collect()
    });
    const SUMS: &[&str] = &[
        "合计",
        "总计",
        "小计",
        "共计",
        "累计",
        "本页合计",
        "本月合计",
    ];
    const SIGNATURES: &[&str] = &[
        "制表人",
        "填表人",
        "填报人",
        "审核人",
        "备注：",
        "注：",
        "说明：",
    ];
    let bare = first.trim_end_matches(['：', ':']);
    SUMS.contains(&bare) || SIGNATURES.iter().any(|word| first.starts_with(word))
}

/// The column by which a row asks for a step, if it does.
fn asking(later: &Later, typed: &BTreeMap<String, String>) -> Option<&'static str> {
    if let Some((column, words)) = later.result
        && let Some(text) = typed.get(column)
    {
        return words.contains(&text.as_str()).then_some(column);
    }
    later
        .asked_by
        .iter()
        .find(|column| typed.contains_key(**column))
        .copied()
}
