//! People (人员), posts (职务), certificates (证件): facts with dates, each change an entry of the log.

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::log::{self, Line};
use jiff::civil::Date;
use ledger::Recorded;
use serde::{Deserialize, Serialize};
use store::{Tx, params, sql};

/// Somebody who works for the township.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// ULID or any stable id.
    pub id: String,
    /// 姓名.
    pub name: String,
    /// 所在办所.
    pub office: String,
    /// 县级部门派驻, not counted among the township's own staff.
    pub stationed: bool,
    /// First day in service here.
    pub from_on: String,
    /// Last day in service here.
    pub until_on: Option<String>,
}

/// A post held from a day, until a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Person id.
    pub person: String,
    /// 职务.
    pub post: String,
    /// First day.
    pub from_on: String,
    /// Last day.
    pub until_on: Option<String>,
}

/// A certificate (执法证, 法律职业资格 …) with its period of validity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Person id.
    pub person: String,
    /// Kind, as law files name it.
    pub kind: String,
    /// 证号.
    pub number: String,
    /// First day of validity.
    pub from_on: String,
    /// Last day of validity.
    pub until_on: String,
}

/// Registers a person, or replaces what was known.
pub fn put_person(tx: &mut Tx, ctx: &Ctx, person: &Person) -> Result<Recorded<()>> {
    if person.name.trim().is_empty() {
        return Err(Error::Form(vec![("姓名".into(), "没有填写".into())]));
    }
    check_period(&person.from_on, person.until_on.as_deref())?;
    tx.execute(
        sql!(
            "INSERT INTO people (org, id, name, office, stationed, from_on, until_on)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (org, id) DO UPDATE SET name = excluded.name, office = excluded.office,
               stationed = excluded.stationed, from_on = excluded.from_on, until_on = excluded.until_on"
        ),
        params![
            ctx.org,
            person.id,
            person.name,
            person.office,
            i64::from(person.stationed),
            person.from_on,
            person.until_on
        ],
    )?;
    register(tx, ctx, "person", person)
}

/// Gives a person a post, or ends one.
pub fn put_post(tx: &mut Tx, ctx: &Ctx, post: &Post) -> Result<Recorded<()>> {
    check_period(&post.from_on, post.until_on.as_deref())?;
    tx.execute(
        sql!(
            "INSERT INTO posts (org, person, post, from_on, until_on) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (org, person, post, from_on) DO UPDATE SET until_on = excluded.until_on"
        ),
        params![ctx.org, post.person, post.post, post.from_on, post.until_on],
    )?;
    register(tx, ctx, "post", post)
}

/// Registers a certificate, or changes its last day.
pub fn put_certificate(tx: &mut Tx, ctx: &Ctx, certificate: &Certificate) -> Result<Recorded<()>> {
    check_period(&certificate.from_on, Some(&certificate.until_on))?;
    tx.execute(
        sql!(
            "INSERT INTO certificates (org, person, kind, number, from_on, until_on) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (org, person, kind, number) DO UPDATE SET from_on = excluded.from_on, until_on = excluded.until_on"
        ),
        params![ctx.org, certificate.person, certificate.kind, certificate.number, certificate.from_on, certificate.until_on],
    )?;
    register(tx, ctx, "certificate", certificate)
}

/// Everybody in service on that day, with the posts they hold then.
pub fn on_day(tx: &mut Tx, org: &str, day: Date) -> Result<Vec<(Person, Vec<String>)>> {
    let day = day.to_string();
    let rows = tx.query(
        sql!(
            "SELECT p.id, p.name, p.office, p.stationed, p.from_on, p.until_on, o.post
               FROM people p
               LEFT JOIN posts o ON o.org = p.org AND o.person = p.id AND o.from_on <= $2
                                AND (o.until_on IS NULL OR o.until_on >= $2)
              WHERE p.org = $1 AND p.from_on <= $2 AND (p.until_on IS NULL OR p.until_on >= $2)
              ORDER BY p.id, o.post"
        ),
        params![org, day],
        |row| {
            Ok((
                Person {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    office: row.get(2)?,
                    stationed: row.get::<i64>(3)? != 0,
                    from_on: row.get(4)?,
                    until_on: row.get(5)?,
                },
                row.get::<Option<String>>(6)?,
            ))
        },
    )?;
    let mut people: Vec<(Person, Vec<String>)> = Vec::new();
    for (person, post) in rows {
        match people.last_mut() {
            Some((last, posts)) if last.id == person.id => posts.extend(post),
            _ => people.push((person, post.into_iter().collect())),
        }
    }
    Ok(people)
}

/// All certificates, with the holder's name and whether the holder is stationed here by a county body.
pub fn certificates(tx: &mut Tx, org: &str) -> Result<Vec<(Certificate, String, bool)>> {
    Ok(tx.query(
        sql!(
            "SELECT c.person, c.kind, c.number, c.from_on, c.until_on, p.name, p.stationed
               FROM certificates c JOIN people p ON p.org = c.org AND p.id = c.person
              WHERE c.org = $1 ORDER BY c.kind, c.number"
        ),
        params![org],
        |row| {
            Ok((
                Certificate {
                    person: row.get(0)?,
                    kind: row.get(1)?,
                    number: row.get(2)?,
                    from_on: row.get(3)?,
                    until_on: row.get(4)?,
                },
                row.get(5)?,
                row.get::<i64>(6)? != 0,
            ))
        },
    )?)
}

/// One person, whenever they served.
pub fn find(tx: &mut Tx, org: &str, id: &str) -> Result<Option<Person>> {
    Ok(tx.query_opt(
        sql!(
            "SELECT id, name, office, stationed, from_on, until_on FROM people
              WHERE org = $1 AND id = $2"
        ),
        params![org, id],
        |row| {
            Ok(Person {
                id: row.get(0)?,
                name: row.get(1)?,
                office: row.get(2)?,
                stationed: row.get::<i64>(3)? != 0,
                from_on: row.get(4)?,
                until_on: row.get(5)?,
            })
        },
    )?)
}

/// Everybody who has left before that day.
pub fn departed(tx: &mut Tx, org: &str, day: Date) -> Result<Vec<(String, String, String)>> {
    Ok(tx.query(
        sql!(
            "SELECT id, name, until_on FROM people
              WHERE org = $1 AND until_on < $2 ORDER BY until_on DESC, id"
        ),
        params![org, day.to_string()],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?)
}

/// All posts that a person has held, the latest first.
pub fn posts_of(tx: &mut Tx, org: &str, person: &str) -> Result<Vec<Post>> {
    Ok(tx.query(
        sql!(
            "SELECT person, post, from_on, until_on FROM posts
              WHERE org = $1 AND person = $2 ORDER BY from_on DESC, post"
        ),
        params![org, person],
        |row| {
            Ok(Post {
                person: row.get(0)?,
                post: row.get(1)?,
                from_on: row.get(2)?,
                until_on: row.get(3)?,
            })
        },
    )?)
}

/// Names by person id, for showing who acted.
pub fn names(tx: &mut Tx, org: &str) -> Result<std::collections::HashMap<String, String>> {
    Ok(tx
        .query(
            sql!("SELECT id, name FROM people WHERE org = $1"),
            params![org],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .into_iter()
        .collect())
}

/// Does this person hold one of these posts on that day?
pub(crate) fn holds_post(
    tx: &mut Tx,
    org: &str,
    person: &str,
    posts: &[String],
    day: Date,
) -> Result<bool> {
    let day = day.to_string();
    let held: Vec<String> = tx.query(
        sql!(
            "SELECT post FROM posts
              WHERE org = $1 AND person = $2 AND from_on <= $3 AND (until_on IS NULL OR until_on >= $3)"
        ),
        params![org, person, day],
        |row| row.get(0),
    )?;
    Ok(held.iter().any(|post| posts.contains(post)))
}

/// Does this person hold one of these certificates, valid on that day?
pub(crate) fn holds_certificate(
    tx: &mut Tx,
    org: &str,
    person: &str,
    kinds: &[String],
    day: Date,
) -> Result<bool> {
    let day = day.to_string();
    let held: Vec<String> = tx.query(
        sql!(
            "SELECT kind FROM certificates
              WHERE org = $1 AND person = $2 AND from_on <= $3 AND until_on >= $3"
        ),
        params![org, person, day],
        |row| row.get(0),
    )?;
    Ok(held.iter().any(|kind| kinds.contains(kind)))
}

/// Is this somebody in service here on that day?
pub(crate) fn in_service(tx: &mut Tx, org: &str, person: &str, day: Date) -> Result<bool> {
    let day = day.to_string();
    let n: i64 = tx.query_one(
        sql!(
            "SELECT count(*) FROM people
              WHERE org = $1 AND id = $2 AND from_on <= $3 AND (until_on IS NULL OR until_on >= $3)"
        ),
        params![org, person, day],
        |row| row.get(0),
    )?;
    Ok(n > 0)
}

/// Ids of those in service on a day who are meant by an id, or by a name.
pub(crate) fn named(tx: &mut Tx, org: &str, word: &str, day: Date) -> Result<Vec<String>> {
    if in_service(tx, org, word, day)? {
        return Ok(vec![word.to_owned()]);
    }
    Ok(tx.query(
        sql!(
            "SELECT id FROM people
              WHERE org = $1 AND name = $2 AND from_on <= $3 AND (until_on IS NULL OR until_on >= $3) ORDER BY id"
        ),
        params![org, word, day.to_string()],
        |row| row.get(0),
    )?)
}

/// Writes the row that a register now holds into the log, so that `verify` can derive the register again.
pub(crate) fn register<T: Serialize>(
    tx: &mut Tx,
    ctx: &Ctx,
    subject: &str,
    row: &T,
) -> Result<Recorded<()>> {
    let body = serde_json::to_value(row)
        .map_err(crate::error::fault)?
        .to_string();
    let recorded = log::append(
        tx,
        ctx,
        &Line {
            kind: "register",
            case: None,
            n: None,
            subject,
            at: ctx.now,
            body: &body,
        },
    )?;
    Ok(recorded.map(|_| ()))
}

fn check_period(from: &str, until: Option<&str>) -> Result<()> {
    let day = |text: &str| text.parse::<Date>().ok();
    let Some(from) = day(from) else {
        return Err(Error::Form(vec![(
            "起始日".into(),
            format!("“{from}”不是日期，请写成 2023-05-06 的样子"),
        )]));
    };
    if let Some(text) = until {
        match day(text) {
            None => {
                return Err(Error::Form(vec![(
                    "终止日".into(),
                    format!("“{text}”不是日期，请写成 2023-05-06 的样子"),
                )]));
            }
            Some(until) if until < from => {
                return Err(Error::Form(vec![("终止日".into(), "早于起始日".into())]));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
