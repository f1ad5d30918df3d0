//! Who sees which case (谁看得到哪件事). A reader's sight is made from account, person, posts, township and day, and stands in the
//! `WHERE` of every statement that lists cases: what a list shows and what the case page allows cannot differ.
//!
//! Open procedures are seen by all staff. A procedure with 知悉：承办 is seen by those who work on the case, by holders of a post or
//! certificate that its file names for the organ, and by leaders. Whoever is accused in a case never sees it. The administrator and
//! the county see no case. What is not seen is answered like what is not there.

use crate::accounts::Role;
use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result, fault};
use crate::facts::FactBody;
use crate::figures::Item;
use crate::office::Office;
use crate::pack::LawFile;
use crate::records;
use law::engine::Fact;
use law::procedure::{FieldKind, Procedure, Qualification, Side};
use law::value::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use store::{Param, Tx, params, sql};

/// What a reader sees, made once for a request. The four texts go into statements as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    org: String,
    /// What is 限办 in a case that is seen, whether the reader works on it or not.
    handles_all: bool,
    /// Codes of procedures that are closed to the reader, each between bars: `|petition||inspection_item|`; `*` is all.
    pub closed: String,
    /// `p:` and the reader's person; empty: nobody.
    pub person: String,
    /// `a:` and the reader's account, if it has no person; empty: nobody's.
    pub account: String,
    /// `u:` and the reader's office; empty: none.
    pub unit: String,
}

impl Sight {
    /// What the reader of `ctx` sees on its day.
    pub fn of(tx: &mut Tx, ctx: &Ctx) -> Result<Sight> {
        let mut sight = Sight {
            org: ctx.org.clone(),
            ..Sight::default()
        };
        let role = match ctx.role {
            None => {
                sight.handles_all = true;
                return Ok(sight);
            }
            Some(Role::Admin | Role::County) => {
                sight.closed = "*".into();
                return Ok(sight);
            }
            Some(role) => role,
        };
        sight.handles_all = role == Role::Leader;
        let mut held = HashSet::new();
        if let Some(person) = &ctx.person {
            sight.person = format!("p:{person}");
            if let Some(known) = crate::people::find(tx, &ctx.org, person)? {
                sight.unit = format!("u:{}", known.office);
            }
            if role == Role::Staff {
                held = holdings(tx, ctx, person)?;
            }
        } else {
            sight.account = format!("a:{}", ctx.account);
        }
        if role == Role::Staff {
            for file in ctx.pack.files() {
                let procedure = &file.procedure;
                if procedure.known_to.is_some() && !names_holder(procedure, &held) {
                    sight.closed.push_str(&format!("|{}|", procedure.code));
                }
            }
        }
        Ok(sight)
    }

    /// No case at all.
    pub fn is_blind(&self) -> bool {
        self.closed == "*"
    }

    /// Bars a reader from a case that is not theirs to see, as if it were not there.
    ///
    /// # Errors
    /// [`Bar::NotFound`].
    pub fn check(&self, tx: &mut Tx, case: &str) -> Result<()> {
        let seen: Option<i64> = tx.query_opt(
            sql!(
                "SELECT 1 FROM cases
                  WHERE org = $1 AND id = $2
                    AND ($3 <> '*' AND replace($3, '|' || procedure_code || '|', '') = $3
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($4, $5)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($4, $6))"
            ),
            params![
                self.org,
                case,
                self.closed,
                self.person,
                self.account,
                self.unit
            ],
            |row| row.get(0),
        )?;
        seen.map(|_| ()).ok_or(Error::Bar(Bar::NotFound))
    }

    /// Does the reader, who sees the case, also see what is 限办 in it? Leaders do, and those who work on it.
    pub fn handles(&self, tx: &mut Tx, case: &str) -> Result<bool> {
        if self.handles_all {
            return Ok(true);
        }
        let works: Option<i64> = tx.query_opt(
            sql!(
                "SELECT 1 FROM case_people
                  WHERE org = $1 AND case_id = $2 AND part = 'works' AND who IN ($3, $4) LIMIT 1"
            ),
            params![self.org, case, self.person, self.account],
            |row| row.get(0),
        )?;
        Ok(works.is_some())
    }

    /// Those of these cases that the reader does not see.
    pub fn hidden(&self, tx: &mut Tx, ids: &[&str]) -> Result<HashSet<String>> {
        let mut found = HashSet::new();
        if self.closed.is_empty() && !self.accused_anywhere(tx)? {
            return Ok(found);
        }
        for batch in ids.chunks(records::BATCH) {
            let mut values = vec![Param::Text(&self.org)];
            // An empty id finds nothing.
            values.extend(
                (0..records::BATCH).map(|i| Param::Text(batch.get(i).copied().unwrap_or(""))),
            );
            values.extend(
                [&self.closed, &self.person, &self.account, &self.unit]
                    .map(|text| Param::Text(text.as_str())),
            );
            found.extend(tx.query(
                sql!(
                    "SELECT id FROM cases
                      WHERE org = $1 AND id IN (
                            $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                            $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42,
                            $43, $44, $45, $46, $47, $48, $49, $50, $51)
                        AND NOT (
                            ($52 <> '*' AND replace($52, '|' || procedure_code || '|', '') = $52
                             OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                           AND w.part = 'works' AND w.who IN ($53, $54)))
                            AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                           AND w.part = 'accused' AND w.who IN ($53, $55)))"
                ),
                &values,
                |row| row.get::<String>(0),
            )?);
        }
        Ok(found)
    }

    fn accused_anywhere(&self, tx: &mut Tx) -> Result<bool> {
        let found: Option<i64> = tx.query_opt(
            sql!("SELECT 1 FROM case_people WHERE org = $1 AND part = 'accused' AND who IN ($2, $3) LIMIT 1"),
            params![self.org, self.person, self.unit],
            |row| row.get(0),
        )?;
        Ok(found.is_some())
    }
}

/// Posts and certificates that a person holds on the day of `ctx`; none once they have left.
fn holdings(tx: &mut Tx, ctx: &Ctx, person: &str) -> Result<HashSet<(String, String)>> {
    let day = ctx.today().to_string();
    let found: Vec<(String, String)> = tx.query(
        sql!(
            "SELECT 'post', o.post FROM posts o JOIN people p ON p.org = o.org AND p.id = o.person
              WHERE o.org = $1 AND o.person = $2 AND o.from_on <= $3 AND (o.until_on IS NULL OR o.until_on >= $3)
                AND p.from_on <= $3 AND (p.until_on IS NULL OR p.until_on >= $3)
             UNION ALL
             SELECT 'certificate', c.kind FROM certificates c JOIN people p ON p.org = c.org AND p.id = c.person
              WHERE c.org = $1 AND c.person = $2 AND c.from_on <= $3 AND c.until_on >= $3
                AND p.from_on <= $3 AND (p.until_on IS NULL OR p.until_on >= $3)"
        ),
        params![ctx.org, person, day],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.into_iter().collect())
}

/// Does the file name, for the organ, a post or certificate that is held?
fn names_holder(procedure: &Procedure, held: &HashSet<(String, String)>) -> bool {
    procedure
        .roles
        .iter()
        .filter(|role| role.side == Side::Own)
        .any(|role| {
            let (kind, names) = match &role.qualification {
                Qualification::None => return false,
                Qualification::Post(names) => ("post", names),
                Qualification::Certificate(names) => ("certificate", names),
            };
            names
                .iter()
                .any(|name| held.contains(&(kind.to_owned(), name.clone())))
        })
}

/// Bars those who only look: the county and the administrator.
///
/// # Errors
/// [`Bar::NotYours`].
pub fn may_act(ctx: &Ctx) -> Result<()> {
    match ctx.role {
        None | Some(Role::Staff | Role::Leader) => Ok(()),
        Some(Role::County) => Err(Error::Bar(Bar::NotYours("县级查看账号只能看，不能办"))),
        Some(Role::Admin) => Err(Error::Bar(Bar::NotYours(
            "管理员账号管账号和名录，不看也不办案件，请用经办账号登录后办",
        ))),
    }
}

/// Bars a reader from a case that is not theirs to see, as if it were not there.
///
/// # Errors
/// [`Bar::NotFound`].
pub fn may_see(tx: &mut Tx, ctx: &Ctx, case: &str) -> Result<()> {
    Sight::of(tx, ctx)?.check(tx, case)
}

/// Bars the county from the register of people: it reads figures, reports and listings.
///
/// # Errors
/// [`Bar::NotYours`].
pub fn may_read_people(ctx: &Ctx) -> Result<()> {
    match ctx.role {
        Some(Role::County) => Err(Error::Bar(Bar::NotYours(
            "县级查看账号看数字、报告和清单，不看人员登记",
        ))),
        _ => Ok(()),
    }
}

/// The lines of a figure's list that the reader sees; the figure itself counts them all. The county sees figures, not lists.
pub fn only_seen(tx: &mut Tx, ctx: &Ctx, list: Vec<Item>) -> Result<Vec<Item>> {
    if ctx.role == Some(Role::County) {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<&str> = list.iter().map(|item| item.case_id.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let hidden = Sight::of(tx, ctx)?.hidden(tx, &ids)?;
    Ok(list
        .into_iter()
        .filter(|item| !hidden.contains(&item.case_id))
        .collect())
}

/// The list behind a published figure, for everybody: of closed procedures the number and the day, not what the case is about.
pub fn without_closed_titles(tx: &mut Tx, ctx: &Ctx, list: Vec<Item>) -> Result<Vec<Item>> {
    // A stranger who is staff without any post is shut out of the same procedures.
    let stranger = Ctx {
        role: Some(Role::Staff),
        account: String::new(),
        person: None,
        ..ctx.clone()
    };
    let ids: BTreeSet<&str> = list.iter().map(|item| item.case_id.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let closed = Sight::of(tx, &stranger)?.hidden(tx, &ids)?;
    Ok(list
        .into_iter()
        .map(|item| match closed.contains(&item.case_id) {
            true => Item {
                title: "内容不公开".into(),
                ..item
            },
            false => item,
        })
        .collect())
}

/// A row of `case_people`: part and who.
pub(crate) type InCase = (&'static str, String);

/// Whom a fact brings into its case. `by` is the person who handed it in, an account only where it has no person: an account that
/// goes to somebody else does not take its cases along.
pub(crate) fn people_of(
    law: &LawFile,
    fact: &Fact,
    by: Option<&str>,
    account: &str,
) -> BTreeSet<InCase> {
    let procedure = &law.procedure;
    let (except_fields, except_roles) = match &procedure.known_to {
        Some(known) => (
            known.except_fields.as_slice(),
            known.except_roles.as_slice(),
        ),
        None => (&[][..], &[][..]),
    };
    let mut found: BTreeSet<InCase> = BTreeSet::new();
    found.extend(by.map(|person| match person {
        "" => ("works", format!("a:{account}")),
        person => ("works", format!("p:{person}")),
    }));
    for (role, persons) in &fact.actors {
        if procedure.roles[role.at()].side == Side::Own {
            let part = part_of(except_roles.contains(role));
            found.extend(persons.iter().map(|person| (part, format!("p:{person}"))));
        }
    }
    let waived = fact.waivers.iter().map(|waiver| &waiver.person);
    found.extend(waived.map(|person| ("works", format!("p:{person}"))));
    let recused = |field| {
        procedure
            .steps
            .iter()
            .any(|step| step.actors.except == Some(field))
    };
    for (field, value) in &fact.values {
        let accused = except_fields.contains(field);
        match value {
            Value::People(ids) if accused || !recused(*field) => {
                let part = part_of(accused);
                found.extend(ids.iter().map(|id| (part, format!("p:{id}"))));
            }
            other if accused && procedure.fields[field.at()].kind == FieldKind::Organ => {
                found.extend(
                    other
                        .texts()
                        .iter()
                        .map(|unit| ("accused", format!("u:{unit}"))),
                );
            }
            _ => {}
        }
    }
    found
}

fn part_of(accused: bool) -> &'static str {
    if accused { "accused" } else { "works" }
}

/// Keeps whom a fact brings into its case.
pub(crate) fn put(tx: &mut Tx, org: &str, case: &str, people: &BTreeSet<InCase>) -> Result<()> {
    for (part, who) in people {
        tx.execute(
            sql!(
                "INSERT INTO case_people (org, case_id, part, who) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (org, case_id, part, who) DO NOTHING"
            ),
            params![org, case, part, who],
        )?;
    }
    Ok(())
}

/// Who is in a case, as kept.
pub(crate) fn kept(tx: &mut Tx, org: &str, case: &str) -> Result<BTreeSet<(String, String)>> {
    Ok(tx
        .query(
            sql!("SELECT part, who FROM case_people WHERE org = $1 AND case_id = $2"),
            params![org, case],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .into_iter()
        .collect())
}

/// Who is in a case, by its facts.
pub(crate) fn derived(
    tx: &mut Tx,
    org: &str,
    case: &str,
    law: &LawFile,
) -> Result<BTreeSet<InCase>> {
    let (history, seqs) = records::history(tx, org, case, law)?;
    let hands = tx.query(
        sql!(
            "SELECT seq, actor, body FROM entries
              WHERE org = $1 AND case_id = $2 AND kind = 'fact'"
        ),
        params![org, case],
        |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))),
    )?;
    let hands: HashMap<i64, (String, String)> = hands.into_iter().collect();
    let mut found = BTreeSet::new();
    for (fact, seq) in history.facts.iter().zip(seqs) {
        let (account, body) = hands
            .get(&seq)
            .ok_or_else(|| fault(format!("entry {seq} is gone")))?;
        let body: FactBody = serde_json::from_str(body).map_err(fault)?;
        found.extend(people_of(law, fact, body.by.as_deref(), account));
    }
    Ok(found)
}

/// Cases taken at a time when a database of an earlier version is opened.
const PAGE: i64 = 500;

/// Fills `case_people` once in a database that was written before there was one.
pub(crate) fn fill_once(office: &Office) -> Result<()> {
    const MARK: &str = "case_people";
    let done: Option<String> = office.read(|tx| {
        Ok(tx.query_opt(
            sql!("SELECT setting FROM settings WHERE org = '' AND name = $1"),
            params![MARK],
            |row| row.get(0),
        )?)
    })?;
    if done.is_some() {
        return Ok(());
    }
    let mut after = (String::new(), String::new());
    loop {
        let page: Vec<(String, String, String)> = office.read(|tx| {
            Ok(tx.query(
                sql!(
                    "SELECT org, id, law_hash FROM cases WHERE (org, id) > ($1, $2) ORDER BY org, id LIMIT $3"
                ),
                params![after.0, after.1, PAGE],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?)
        })?;
        let Some((org, id, _)) = page.last() else {
            break;
        };
        after = (org.clone(), id.clone());
        office.jot(|tx| {
            for (org, id, hash) in &page {
                let law = records::law_of(tx, &office.pack, hash)?;
                let people = derived(tx, org, id, &law)?;
                put(tx, org, id, &people)?;
            }
            Ok(())
        })?;
    }
    office.jot(|tx| {
        tx.execute(
            sql!(
                "INSERT INTO settings (org, name, setting) VALUES ('', $1, '1')
                 ON CONFLICT (org, name) DO NOTHING"
            ),
            params![MARK],
        )?;
        Ok(())
    })
}
