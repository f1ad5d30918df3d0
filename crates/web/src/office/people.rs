//! People, posts, certificates: what stands in the register, and how an administrator changes it.

use crate::Site;
use crate::errors::{Page, judge, show};
use crate::parts::shell::Shell;
use crate::session::{self, Visitor};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use office::accounts::Role;
use office::error::{Bar, Error};
use office::people::{Certificate, Person, Post};
use office::registers::{self, Change};
use std::collections::{BTreeMap, HashMap};

/// What a form of a register handed in, and what was wrong with it.
#[derive(Default)]
pub struct Typed {
    /// Inputs by name.
    pub inputs: BTreeMap<String, String>,
    /// Field and sentence.
    pub faults: Vec<(String, String)>,
}

impl Typed {
    /// An input, or what is known.
    pub fn or<'a>(&'a self, form: &str, name: &str, known: &'a str) -> &'a str {
        match self.inputs.get(name) {
            Some(text) if self.is(form) => text,
            _ => known,
        }
    }

    /// Was it this form?
    pub fn is(&self, form: &str) -> bool {
        self.inputs.get("form").is_some_and(|f| f == form)
    }

    /// An input without the spaces around it.
    pub fn get(&self, name: &str) -> String {
        self.inputs
            .get(name)
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    }

    /// An input, absent if empty.
    pub fn given(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }
}

/// Words and class of a certificate's chip.
type Chip = (String, &'static str);

#[derive(Template)]
#[template(path = "office/people.html")]
struct People {
    shell: Shell,
    people: Vec<(Person, String, Vec<Chip>)>,
    departed: Vec<(String, String, String)>,
    valid: usize,
    expiring: usize,
    admin: bool,
    request: String,
    today: String,
    typed: Typed,
}

/// Who works here today, in which posts, with which certificates.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    office::access::may_read_people(&session::ctx(&site, &visitor.who))?;
    show(&register(&site, &headers, &visitor, Typed::default())?)
}

fn register(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    typed: Typed,
) -> Result<People, Error> {
    let shell = Shell::office(site, headers, visitor, "people")?;
    let ctx = session::ctx(site, &visitor.who);
    let today = ctx.today();
    let (people, certificates, departed) = site.office.read(|tx| {
        Ok((
            office::people::on_day(tx, &site.org, today)?,
            office::people::certificates(tx, &site.org)?,
            office::people::departed(tx, &site.org, today)?,
        ))
    })?;
    let mut held: HashMap<&str, Vec<Chip>> = HashMap::new();
    for (c, _, _) in &certificates {
        held.entry(&c.person).or_default().push(chip(c, today));
    }
    let day = today.to_string();
    let valid = certificates
        .iter()
        .filter(|(c, _, stationed)| {
            !stationed && c.kind == "执法证" && c.from_on <= day && c.until_on >= day
        })
        .count();
    let people: Vec<_> = people
        .into_iter()
        .map(|(person, posts)| {
            let held = held.remove(person.id.as_str()).unwrap_or_default();
            (person, posts.join("、"), held)
        })
        .collect();
    let expiring = people
        .iter()
        .flat_map(|(_, _, held)| held)
        .filter(|(_, state)| *state != "ok")
        .count();
    Ok(People {
        shell,
        people,
        departed,
        valid,
        expiring,
        admin: visitor.who.role == Role::Admin,
        request: ctx.fresh_id(),
        today: day,
        typed,
    })
}

fn chip(c: &Certificate, today: jiff::civil::Date) -> Chip {
    let day = today.to_string();
    let soon = (today + jiff::Span::new().days(60)).to_string();
    if c.until_on < day {
        let words = format!("{} {} 已于 {} 失效", c.kind, c.number, c.until_on);
        (words, "late")
    } else if c.from_on > day {
        let words = format!("{} {} 自 {} 生效", c.kind, c.number, c.from_on);
        (words, "soon")
    } else if c.until_on < soon {
        let words = format!("{} {} {} 到期", c.kind, c.number, c.until_on);
        (words, "soon")
    } else {
        (format!("{} {}", c.kind, c.number), "ok")
    }
}

#[derive(Template)]
#[template(path = "office/person.html")]
struct PersonPage {
    shell: Shell,
    person: Person,
    posts: Vec<(Post, bool)>,
    certificates: Vec<(Certificate, Chip)>,
    /// Posts and certificates that law files ask for.
    posts_known: Vec<String>,
    kinds_known: Vec<String>,
    admin: bool,
    kept: Option<String>,
    request: String,
    today: String,
    typed: Typed,
}

/// One person with everything that was ever registered of them.
pub async fn person(
    State(site): State<Site>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    office::access::may_read_people(&session::ctx(&site, &visitor.who))?;
    let mut page = person_page(&site, &headers, &visitor, &id, Typed::default())?;
    page.kept = seq_of(&query);
    show(&page)
}

/// The log position that a redirect names after a change.
pub fn seq_of(query: &HashMap<String, String>) -> Option<String> {
    query
        .get("kept")
        .filter(|seq| seq.len() < 12 && seq.bytes().all(|b| b.is_ascii_digit()))
        .cloned()
}

fn person_page(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    id: &str,
    typed: Typed,
) -> Result<PersonPage, Error> {
    let shell = Shell::office(site, headers, visitor, "people")?;
    let ctx = session::ctx(site, &visitor.who);
    let today = ctx.today();
    let (person, posts, certificates) = site.office.read(|tx| {
        let person = office::people::find(tx, &site.org, id)?.ok_or(Error::Bar(Bar::NotFound))?;
        Ok((
            person,
            office::people::posts_of(tx, &site.org, id)?,
            office::people::certificates(tx, &site.org)?,
        ))
    })?;
    let day = today.to_string();
    let (posts_known, kinds_known) = qualifications(site);
    Ok(PersonPage {
        shell,
        posts: posts
            .into_iter()
            .map(|post| {
                let over = post.until_on.as_ref().is_some_and(|until| *until < day);
                (post, over)
            })
            .collect(),
        certificates: certificates
            .into_iter()
            .filter(|(c, _, _)| c.person == person.id)
            .map(|(c, _, _)| {
                let chip = chip(&c, today);
                (c, chip)
            })
            .collect(),
        person,
        posts_known,
        kinds_known,
        admin: visitor.who.role == Role::Admin,
        kept: None,
        request: ctx.fresh_id(),
        today: day,
        typed,
    })
}

/// Posts and kinds of certificate that some law file asks for, so that they are picked and not misspelt.
fn qualifications(site: &Site) -> (Vec<String>, Vec<String>) {
    let (mut posts, mut kinds) = (Vec::new(), Vec::new());
    for law in site.office.pack.files() {
        for role in &law.procedure.roles {
            match &role.qualification {
                law::procedure::Qualification::Post(all) => posts.extend(all.iter().cloned()),
                law::procedure::Qualification::Certificate(all) => {
                    kinds.extend(all.iter().cloned());
                }
                law::procedure::Qualification::None => {}
            }
        }
    }
    for all in [&mut posts, &mut kinds] {
        all.sort();
        all.dedup();
    }
    (posts, kinds)
}

/// Registers somebody new.
pub async fn hire(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(inputs): Form<BTreeMap<String, String>>,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let typed = accept(&visitor, &headers, inputs)?;
    let change = Change::Hire(person_of(&typed, typed.get("id")));
    match keep(&site, &visitor, &typed, change).await {
        Ok(kept) => Ok(
            Redirect::to(&format!("/office/people/{}?kept={}", kept.id, kept.seq)).into_response(),
        ),
        Err(Error::Form(faults)) => {
            let page = register(&site, &headers, &visitor, Typed { faults, ..typed })?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}

/// Changes a person, a post, or a certificate.
pub async fn change(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(inputs): Form<BTreeMap<String, String>>,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let typed = accept(&visitor, &headers, inputs)?;
    let change = match typed.get("form").split('/').next().unwrap_or_default() {
        "person" => Change::Person(person_of(&typed, id.clone())),
        "post" => Change::Post(Post {
            person: id.clone(),
            post: typed.get("post"),
            from_on: typed.get("from_on"),
            until_on: typed.given("until_on"),
        }),
        "certificate" => Change::Certificate(Certificate {
            person: id.clone(),
            kind: typed.get("kind"),
            number: typed.get("number"),
            from_on: typed.get("from_on"),
            until_on: typed.get("until_on"),
        }),
        _ => return Err(Error::Bar(Bar::NotFound).into()),
    };
    match keep(&site, &visitor, &typed, change).await {
        Ok(kept) => {
            Ok(Redirect::to(&format!("/office/people/{id}?kept={}", kept.seq)).into_response())
        }
        Err(e @ Error::Form(_)) => {
            let (status, _) = judge(&e);
            let Error::Form(faults) = e else {
                return Err(e.into());
            };
            let page = person_page(&site, &headers, &visitor, &id, Typed { faults, ..typed })?;
            Ok((status, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}

fn person_of(typed: &Typed, id: String) -> Person {
    Person {
        id,
        name: typed.get("name"),
        office: typed.get("office"),
        stationed: typed.given("stationed").is_some(),
        from_on: typed.get("from_on"),
        until_on: typed.given("until_on"),
    }
}

/// A form of a register, if it was opened on this site and by an administrator.
pub fn accept(
    visitor: &Visitor,
    headers: &HeaderMap,
    inputs: BTreeMap<String, String>,
) -> Result<Typed, Error> {
    let typed = Typed {
        inputs,
        faults: Vec::new(),
    };
    session::guard(visitor, headers, &typed.get("token"))?;
    registers::may_change(&visitor.who)?;
    Ok(typed)
}

/// Writes a change of a register.
pub async fn keep(
    site: &Site,
    visitor: &Visitor,
    typed: &Typed,
    change: Change,
) -> Result<registers::Kept, Error> {
    let ctx = office::ctx::Ctx {
        request: typed.given("request").filter(|r| r.len() <= 64),
        ..session::ctx(site, &visitor.who)
    };
    let behind = site.office.clone();
    let who = visitor.who.clone();
    tokio::task::spawn_blocking(move || registers::change(&behind, &ctx, &who, &change))
        .await
        .map_err(|e| Error::Fault(e.to_string()))?
}
