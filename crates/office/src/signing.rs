//! Whose act it is (本人办理): an account acts for its own person. A step that an account takes must be its person's, and so must a
//! waiver; others whom the step names are told and confirm it, or deny it, under their own login (待我确认). Both are entries of the
//! log, and nothing is undone by them.
//!
//! The program itself (imports, the demo year) has no login and names whom the paper names.

use crate::access;
use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result, fault};
use crate::facts::FactBody;
use crate::log::{self, Line};
use crate::office::Office;
use crate::pack::LawFile;
use crate::people;
use crate::projections::Outside;
use law::engine::{Act, Fact, Ground, GroundKind, History, Refusal};
use law::procedure::{Qualification, RoleId, Side};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Tx, params, sql};

/// Persons by role.
type Actors = [(RoleId, Vec<String>)];

/// Persons of the organ who act, without those who are only heard as the accused; with `by_post`, only those who act by a post.
fn own<'a>(law: &LawFile, actors: &'a Actors, by_post: bool) -> BTreeSet<&'a str> {
    let procedure = &law.procedure;
    let heard = |role: &RoleId| {
        procedure
            .known_to
            .as_ref()
            .is_some_and(|known| known.except_roles.contains(role))
    };
    actors
        .iter()
        .filter(|(role, _)| {
            let declared = &procedure.roles[role.at()];
            declared.side == Side::Own
                && !heard(role)
                && (!by_post || matches!(declared.qualification, Qualification::Post(_)))
        })
        .flat_map(|(_, persons)| persons.iter().map(String::as_str))
        .collect()
}

/// Refuses an act that an account takes in somebody else's name.
pub(crate) fn in_another_name(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    history: &History,
    act: &Act,
) -> Result<Option<Refusal>> {
    if ctx.role.is_none() {
        return Ok(None);
    }
    let step = &law.procedure.steps[act.step.at()].name;
    let me = ctx.person.as_deref();
    let mut sentences = Vec::new();
    let givers: BTreeSet<&str> = act.waivers.iter().map(|w| w.person.as_str()).collect();
    for giver in givers.iter().filter(|giver| me != Some(**giver)) {
        let name = name_of(tx, ctx, giver)?;
        sentences.push(format!(
            "免去要求的人要自己免：请由{name}本人登录后免，并写明理由"
        ));
    }
    let by_post = own(law, &act.actors, true);
    let wanted = if by_post.is_empty() {
        own(law, &act.actors, false)
    } else {
        by_post
    };
    let mine = me.is_some_and(|me| wanted.contains(me));
    if !wanted.is_empty()
        && !mine
        && sentences.is_empty()
        && !sets_aside(tx, ctx, law, history, act)?
    {
        let mut names = Vec::new();
        for person in &wanted {
            names.push(name_of(tx, ctx, person)?);
        }
        let who = names.join("、");
        sentences.push(match (me, wanted.len()) {
            (None, _) => format!("这个账号没有绑定人员，不能以{who}的名义办“{step}”：请由{who}本人登录后办"),
            (Some(_), 1) => format!("“{step}”是{who}的事，别人不能代办：请由{who}本人登录后办"),
            (Some(_), _) => format!(
                "“{step}”由{who}办，登录的人不在其中：请由其中一位本人登录后办，其余的人各自登录确认"
            ),
        });
    }
    if sentences.is_empty() {
        return Ok(None);
    }
    let grounds = sentences.into_iter().map(|sentence| Ground {
        kind: GroundKind::Person,
        force: None,
        citation: String::new(),
        unverified: false,
        sentence,
        line_no: 0,
        field: None,
        waivable_by: None,
    });
    Ok(Some(Refusal {
        step: step.clone(),
        grounds: grounds.collect(),
        earliest: None,
    }))
}

/// Does the act need a waiver that it brings? Who sets a requirement aside hands in the step with it, and whoever takes the step
/// confirms it afterwards. A waiver of nothing gives nobody the step.
fn sets_aside(tx: &mut Tx, ctx: &Ctx, law: &LawFile, history: &History, act: &Act) -> Result<bool> {
    if act.waivers.is_empty() {
        return Ok(false);
    }
    let bare = Act {
        waivers: Vec::new(),
        ..act.clone()
    };
    let outside = Outside::new(tx, &ctx.org, law);
    let answer = law::engine::permit(&law.procedure, &ctx.pack.calendar, history, &outside, bare);
    outside.finish()?;
    let brought = |line_no: usize| act.waivers.iter().any(|w| w.line_no == line_no);
    Ok(answer.is_err_and(|refusal| {
        refusal
            .grounds
            .iter()
            .any(|g| g.waivable_by.is_some() && brought(g.line_no))
    }))
}

fn name_of(tx: &mut Tx, ctx: &Ctx, person: &str) -> Result<String> {
    Ok(people::find(tx, &ctx.org, person)?.map_or_else(|| format!("“{person}”"), |p| p.name))
}

/// Whose hand an act is: the person of the account, empty if it has none; nobody's, if the program itself acts.
pub(crate) fn hand(ctx: &Ctx) -> Option<&str> {
    ctx.role.map(|_| ctx.person.as_deref().unwrap_or_default())
}

/// Whom a fact names beside the person of the account that hands it in.
pub(crate) fn to_confirm(law: &LawFile, fact: &Fact, ctx: &Ctx) -> Vec<String> {
    if ctx.role.is_none() {
        return Vec::new();
    }
    own(law, &fact.actors, false)
        .into_iter()
        .filter(|person| ctx.person.as_deref() != Some(*person))
        .map(str::to_owned)
        .collect()
}

/// Puts a fact before those who are to confirm it.
pub(crate) fn ask(tx: &mut Tx, ctx: &Ctx, case: &str, seq: i64, persons: &[String]) -> Result<()> {
    for person in persons {
        tx.execute(
            sql!(
                "INSERT INTO confirmations (org, seq, person, case_id, answer, note, answered_seq)
                 VALUES ($1, $2, $3, $4, '', '', 0)"
            ),
            params![ctx.org, seq, person, case],
        )?;
    }
    Ok(())
}

/// An act that names the reader and waits for their word.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Log position of the fact.
    pub seq: i64,
    /// Case id.
    pub case: String,
    /// 编号.
    pub number: String,
    /// Title.
    pub title: String,
    /// The step's name.
    pub step: String,
    /// Legal instant.
    pub at: String,
    /// Account that handed it in.
    pub by: String,
}

/// What waits for the word of the person of `ctx`, the oldest first; at most a hundred.
pub fn waiting(tx: &mut Tx, ctx: &Ctx) -> Result<Vec<Waiting>> {
    let Some(person) = &ctx.person else {
        return Ok(Vec::new());
    };
    let rows = tx.query(
        sql!(
            "SELECT w.seq, w.case_id, c.number, c.title, e.subject, e.at, e.actor, c.law_hash
               FROM confirmations w
               JOIN cases c ON c.org = w.org AND c.id = w.case_id
               JOIN entries e ON e.org = w.org AND e.seq = w.seq
              WHERE w.org = $1 AND w.person = $2 AND w.answer = ''
              ORDER BY w.seq LIMIT 100"
        ),
        params![ctx.org, person],
        |row| {
            let one = Waiting {
                seq: row.get(0)?,
                case: row.get(1)?,
                number: row.get(2)?,
                title: row.get(3)?,
                step: row.get(4)?,
                at: row.get::<String>(5)?.replace('T', " "),
                by: row.get(6)?,
            };
            Ok((one, row.get::<String>(7)?))
        },
    )?;
    let ids: Vec<&str> = rows.iter().map(|(one, _)| one.case.as_str()).collect();
    let hidden = access::Sight::of(tx, ctx)?.hidden(tx, &ids)?;
    Ok(rows
        .into_iter()
        .filter(|(one, _)| !hidden.contains(&one.case))
        .map(|(mut one, hash)| {
            if let Some(law) = ctx.pack.by_hash(&hash)
                && let Some(step) = law.step(&one.step)
            {
                one.step = law.procedure.steps[step.at()].name.clone();
            }
            one
        })
        .collect())
}

/// The body of an entry of kind `confirmation`.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    /// `confirmed` or `denied`.
    answer: String,
    /// Log position of the fact.
    fact: i64,
    /// Why not.
    note: String,
    /// Whose word it is.
    person: String,
}

/// The reader's word on an act that names them: confirmed, or denied with a reason. Answers the log position.
pub fn answer(office: &Office, ctx: &Ctx, seq: i64, confirmed: bool, note: &str) -> Result<i64> {
    access::may_act(ctx)?;
    let note = note.trim();
    if !confirmed && note.is_empty() {
        return Err(Error::Form(vec![(
            "理由".into(),
            "否认要写明是怎么回事，例如当天不在场".into(),
        )]));
    }
    if 500 < note.chars().count() {
        return Err(Error::Form(vec![("理由".into(), "至多 500 个字".into())]));
    }
    let person = ctx.person.clone().ok_or(Error::Bar(Bar::NotFound))?;
    office.act(|tx| {
        log::lock(tx, ctx)?;
        let row: Option<(String, String, String)> = tx.query_opt(
            sql!(
                "SELECT w.case_id, w.answer, e.subject
                   FROM confirmations w JOIN entries e ON e.org = w.org AND e.seq = w.seq
                  WHERE w.org = $1 AND w.seq = $2 AND w.person = $3"
            ),
            params![ctx.org, seq, person],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let (case, known, step) = row.ok_or(Error::Bar(Bar::NotFound))?;
        access::may_see(tx, ctx, &case)?;
        if !known.is_empty() {
            return Err(Error::Bar(Bar::Stale));
        }
        let body = Body {
            answer: if confirmed { "confirmed" } else { "denied" }.into(),
            fact: seq,
            note: note.to_owned(),
            person: person.clone(),
        };
        let line = Line {
            kind: "confirmation",
            case: Some(&case),
            n: None,
            subject: &step,
            at: ctx.now,
            body: &serde_json::to_value(&body).map_err(fault)?.to_string(),
        };
        let recorded = log::append(tx, ctx, &line)?;
        tx.execute(
            sql!(
                "UPDATE confirmations SET answer = $4, note = $5, answered_seq = $6
                  WHERE org = $1 AND seq = $2 AND person = $3"
            ),
            params![
                ctx.org,
                seq,
                person,
                body.answer,
                body.note,
                *recorded.get()
            ],
        )?;
        Ok(recorded)
    })
}

/// What each person said to a fact: the answer (empty while there is none), its reason, its log position. By log position of
/// the fact and person.
pub(crate) type Answers = BTreeMap<(i64, String), (String, String, i64)>;

/// What was said in a case, as kept.
pub(crate) fn kept(tx: &mut Tx, org: &str, case: &str) -> Result<Answers> {
    Ok(tx
        .query(
            sql!(
                "SELECT seq, person, answer, note, answered_seq FROM confirmations
                  WHERE org = $1 AND case_id = $2"
            ),
            params![org, case],
            |row| {
                let said = (row.get(2)?, row.get(3)?, row.get(4)?);
                Ok(((row.get(0)?, row.get(1)?), said))
            },
        )?
        .into_iter()
        .collect())
}

/// What was said in a case, by its entries.
pub(crate) fn derived(tx: &mut Tx, org: &str, case: &str) -> Result<Answers> {
    let rows: Vec<(i64, String, String)> = tx.query(
        sql!(
            "SELECT seq, kind, body FROM entries
              WHERE org = $1 AND case_id = $2 AND kind IN ('fact', 'confirmation') ORDER BY seq"
        ),
        params![org, case],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let mut found = Answers::new();
    for (seq, kind, body) in rows {
        if kind == "confirmation" {
            let body: Body = serde_json::from_str(&body).map_err(fault)?;
            found.insert((body.fact, body.person), (body.answer, body.note, seq));
        } else if body.contains("\"to_confirm\"") {
            let body: FactBody = serde_json::from_str(&body).map_err(fault)?;
            found.extend(
                body.to_confirm
                    .into_iter()
                    .map(|person| ((seq, person), (String::new(), String::new(), 0))),
            );
        }
    }
    Ok(found)
}

/// What the case page says of a fact: who has confirmed it, who has not yet, who denies it.
pub(crate) fn said(
    answers: &Answers,
    seq: i64,
    names: &std::collections::HashMap<String, String>,
) -> String {
    let words: Vec<String> = answers
        .range((seq, String::new())..(seq + 1, String::new()))
        .map(|((_, person), (answer, note, _))| {
            let name = names.get(person).unwrap_or(person);
            match answer.as_str() {
                "" => format!("待{name}本人确认"),
                "confirmed" => format!("{name}已确认"),
                _ => format!("{name}否认（{note}）"),
            }
        })
        .collect();
    words.join("，")
}
