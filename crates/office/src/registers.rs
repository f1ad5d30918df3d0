//! Changing the registers (登记簿): people, posts, certificates, listings. Each change is made by an administrator and is
//! an entry of the log; an earlier one stays there.

use crate::accounts::{Role, SignedIn};
use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result};
use crate::listings::{self, ListingEntry};
use crate::log;
use crate::office::Office;
use crate::people::{self, Certificate, Person, Post};
use crate::requests;
use crate::townships::together;
use jiff::civil::Date;
use ledger::Recorded;
use std::collections::BTreeSet;
use store::{Tx, params, sql};

/// One change of a register.
#[derive(Debug, Clone, serde::Serialize)]
pub enum Change {
    /// A person who is not registered yet; an empty id is replaced by the next free one.
    Hire(Person),
    /// What is known of a person; a last day ends their posts with it.
    Person(Person),
    /// A post given, or its last day.
    Post(Post),
    /// A certificate, or its period.
    Certificate(Certificate),
    /// An entry of a listing: added, published, ended, mended.
    Listing(ListingEntry),
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The person, or the key of the entry.
    pub id: String,
    /// First log position of the change.
    pub seq: i64,
}

/// Who may change the registers: administrators (管理员).
pub fn may_change(who: &SignedIn) -> Result<()> {
    match who.role {
        Role::Admin => Ok(()),
        _ => Err(Error::Bar(Bar::NotYours(
            "人员、证件和清单由管理员登记，您的账号只能看；需要更改的请找管理员",
        ))),
    }
}

/// Changes a register. The same request twice is one change.
pub fn change(office: &Office, ctx: &Ctx, who: &SignedIn, change: &Change) -> Result<Kept> {
    may_change(who)?;
    let asked = requests::asked(change)?;
    let mut known = None;
    let outcome = office.act(|tx| {
        log::lock(tx, ctx)?;
        known = kept(tx, ctx, &asked)?;
        match known {
            Some(_) => Err(Error::Undone),
            None => change_in(tx, ctx, change, &asked),
        }
    });
    match (known, outcome) {
        (Some(known), Err(Error::Undone)) => Ok(known),
        (_, outcome) => outcome,
    }
}

fn change_in(tx: &mut Tx, ctx: &Ctx, change: &Change, asked: &str) -> Result<Recorded<Kept>> {
    let seq = log::size(tx, &ctx.org)?;
    let (id, recorded) = match change {
        Change::Hire(person) => hire(tx, ctx, person)?,
        Change::Person(person) => (person.id.clone(), mend(tx, ctx, person)?),
        Change::Post(post) => (post.person.clone(), give_post(tx, ctx, post)?),
        Change::Certificate(one) => (one.person.clone(), certify(tx, ctx, one)?),
        Change::Listing(entry) => (entry.key.clone(), list(tx, ctx, entry)?),
    };
    if let Some(request) = ctx.request_key() {
        tx.execute(
            sql!("INSERT INTO requests (org, request, seq, outcome) VALUES ($1, $2, $3, $4)"),
            params![ctx.org, key(&request), seq, format!("{id}\n{asked}")],
        )?;
    }
    Ok(recorded.map(|()| Kept { id, seq }))
}

/// Requests of registers are kept apart from those of cases, whose answers have another shape.
fn key(request: &str) -> String {
    format!("register/{request}")
}

/// What came of this request before: the id that it kept, and what it asked for.
fn kept(tx: &mut Tx, ctx: &Ctx, asked: &str) -> Result<Option<Kept>> {
    let Some(request) = ctx.request_key() else {
        return Ok(None);
    };
    let known: Option<(String, i64)> = tx.query_opt(
        sql!("SELECT outcome, seq FROM requests WHERE org = $1 AND request = $2"),
        params![ctx.org, key(&request)],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match known {
        None => Ok(None),
        Some((outcome, seq)) => {
            // Answers of earlier versions of the program are the id alone.
            let (id, before) = outcome.split_once('\n').unwrap_or((&outcome, asked));
            if before != asked {
                return Err(Error::Bar(Bar::OtherRequest));
            }
            Ok(Some(Kept {
                id: id.to_owned(),
                seq,
            }))
        }
    }
}

fn hire(tx: &mut Tx, ctx: &Ctx, person: &Person) -> Result<(String, Recorded<()>)> {
    let mut person = person.clone();
    if person.id.is_empty() {
        person.id = free_id(tx, &ctx.org)?;
    }
    let mut faults = faults_of(&person);
    let fit = person
        .id
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !fit || person.id.len() > 32 || person.id == "new" {
        faults.push(("编号".into(), "用字母和数字写，最多 32 个".into()));
    } else if people::find(tx, &ctx.org, &person.id)?.is_some() {
        let why = format!("“{}”已经有人用了，空着由程序编", person.id);
        faults.push(("编号".into(), why));
    }
    none(faults)?;
    let recorded = people::put_person(tx, ctx, &person)?;
    Ok((person.id, recorded))
}

/// `n001` and on: the first that nobody has.
fn free_id(tx: &mut Tx, org: &str) -> Result<String> {
    let taken: BTreeSet<String> = people::names(tx, org)?.into_keys().collect();
    let mut n = taken.len() + 1;
    while taken.contains(&format!("n{n:03}")) {
        n += 1;
    }
    Ok(format!("n{n:03}"))
}

fn faults_of(person: &Person) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for (field, text) in [("姓名", &person.name), ("办所", &person.office)] {
        faults.extend(written(field, text));
    }
    faults
}

fn mend(tx: &mut Tx, ctx: &Ctx, person: &Person) -> Result<Recorded<()>> {
    let known = people::find(tx, &ctx.org, &person.id)?.ok_or(Error::Bar(Bar::NotFound))?;
    none(faults_of(person))?;
    if known == *person {
        return Err(unchanged());
    }
    let mut all = vec![people::put_person(tx, ctx, person)?];
    if let Some(last) = &person.until_on {
        for post in people::posts_of(tx, &ctx.org, &person.id)? {
            if post.from_on <= *last && post.until_on.as_ref().is_none_or(|day| day > last) {
                let ended = Post {
                    until_on: Some(last.clone()),
                    ..post
                };
                all.push(people::put_post(tx, ctx, &ended)?);
            }
        }
    }
    together(all).ok_or_else(unchanged)
}

fn give_post(tx: &mut Tx, ctx: &Ctx, post: &Post) -> Result<Recorded<()>> {
    people::find(tx, &ctx.org, &post.person)?.ok_or(Error::Bar(Bar::NotFound))?;
    let mut faults: Vec<_> = written("职务", &post.post).into_iter().collect();
    let held = people::posts_of(tx, &ctx.org, &post.person)?;
    if held.contains(post) {
        return Err(unchanged());
    }
    if let Some(other) = held
        .iter()
        .find(|h| h.post == post.post && h.from_on != post.from_on && overlap(h, post))
    {
        let why = format!(
            "自 {} 起已经任“{}”，先给它写终止日",
            other.from_on, other.post
        );
        faults.push(("职务".into(), why));
    }
    none(faults)?;
    people::put_post(tx, ctx, post)
}

fn overlap(a: &Post, b: &Post) -> bool {
    meet(
        (&a.from_on, a.until_on.as_ref()),
        (&b.from_on, b.until_on.as_ref()),
    )
}

/// Do two periods, ends included, share a day?
fn meet(a: (&str, Option<&String>), b: (&str, Option<&String>)) -> bool {
    b.1.is_none_or(|until| a.0 <= until.as_str()) && a.1.is_none_or(|until| b.0 <= until.as_str())
}

fn certify(tx: &mut Tx, ctx: &Ctx, certificate: &Certificate) -> Result<Recorded<()>> {
    people::find(tx, &ctx.org, &certificate.person)?.ok_or(Error::Bar(Bar::NotFound))?;
    let mut faults: Vec<_> = written("证件种类", &certificate.kind).into_iter().collect();
    faults.extend(written("证号", &certificate.number));
    let all = people::certificates(tx, &ctx.org)?;
    if all.iter().any(|(known, _, _)| known == certificate) {
        return Err(unchanged());
    }
    if let Some((_, holder, _)) = all.iter().find(|(known, _, _)| {
        known.kind == certificate.kind
            && known.number == certificate.number
            && known.person != certificate.person
    }) {
        let why = format!("“{}”已经登记在{holder}名下", certificate.number);
        faults.push(("证号".into(), why));
    }
    none(faults)?;
    people::put_certificate(tx, ctx, certificate)
}

fn list(tx: &mut Tx, ctx: &Ctx, entry: &ListingEntry) -> Result<Recorded<()>> {
    let mut faults: Vec<_> = written("条目", &entry.key).into_iter().collect();
    faults.extend(written("来源", &entry.source));
    let day = |field: &str, text: Option<&String>| {
        text.filter(|t| t.parse::<Date>().is_err())
            .map(|t| (field.to_owned(), not_a_day(t)))
    };
    faults.extend(day("生效日", Some(&entry.from_on)));
    faults.extend(day("终止日", entry.until_on.as_ref()));
    faults.extend(day("公布日", entry.published_on.as_ref()));
    if entry.until_on.as_ref().is_some_and(|u| *u < entry.from_on) {
        faults.push(("终止日".into(), "早于生效日".into()));
    }
    let others = listings::all(tx, &ctx.org, &entry.listing)?;
    match listings::columns(&ctx.pack, &entry.listing) {
        Some(known) => {
            for name in entry.columns.keys().filter(|name| !known.contains(name)) {
                faults.push((name.clone(), "这份清单没有这一栏".into()));
            }
        }
        // A listing that no law file reads may have any column.
        None if others.is_empty() => return Err(Error::Bar(Bar::NotFound)),
        None => {}
    }
    if others.contains(entry) {
        return Err(unchanged());
    }
    let period = (entry.from_on.as_str(), entry.until_on.as_ref());
    if let Some(other) = others.iter().find(|o| {
        o.key == entry.key
            && o.from_on != entry.from_on
            && meet((&o.from_on, o.until_on.as_ref()), period)
    }) {
        let why = format!(
            "“{}”自 {} 起已在清单里，先给它写终止日，再加新的一版",
            entry.key, other.from_on
        );
        faults.push(("条目".into(), why));
    }
    none(faults)?;
    listings::put(tx, ctx, entry)
}

fn written(field: &str, text: &str) -> Option<(String, String)> {
    if text.trim().is_empty() {
        Some((field.to_owned(), "没有填写".into()))
    } else if text.chars().count() > 200 {
        Some((field.to_owned(), "太长，最多 200 个字".into()))
    } else {
        None
    }
}

fn not_a_day(text: &str) -> String {
    format!("“{text}”不是日期，请写成 2023-05-06 的样子")
}

fn none(faults: Vec<(String, String)>) -> Result<()> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Form(faults))
    }
}

fn unchanged() -> Error {
    Error::Form(vec![(
        "登记".into(),
        "和现有的登记一样，没有可改的，也没有再写".into(),
    )])
}
