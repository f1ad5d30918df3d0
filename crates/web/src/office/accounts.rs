//! Everybody's accounts (账号): the administrator's page.

use super::account::local;
use crate::Site;
use crate::errors::{Page, judge, show};
use crate::parts::shell::Shell;
use crate::session::{self, Visitor};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use office::accounts::Role;
use office::accounts::administration::{self, Change, Listed};
use office::error::{Bar, Error};
use serde::Deserialize;

/// Roles in the order in which a form offers them.
const ROLES: [Role; 4] = [Role::Staff, Role::Leader, Role::Admin, Role::County];

struct Row {
    listed: Listed,
    /// Local time.
    signed_in: String,
    stopped: String,
    own: bool,
}

#[derive(Template)]
#[template(path = "office/accounts.html")]
struct Accounts {
    shell: Shell,
    rows: Vec<Row>,
    /// People in office without an account: id and name.
    people: Vec<(String, String)>,
    roles: Vec<(&'static str, &'static str)>,
    /// What was done, and a password that is shown this once.
    done: Option<(String, Option<String>)>,
    refused: Option<String>,
    typed: NewAccount,
}

/// What was typed into the form of a new account.
#[derive(Default)]
struct NewAccount {
    account: String,
    person: String,
    role: String,
}

/// The page.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    show(&build(&site, &headers, &visitor)?)
}

fn build(site: &Site, headers: &HeaderMap, visitor: &Visitor) -> Result<Accounts, Error> {
    let ctx = session::ctx(site, &visitor.who);
    let (listed, people) = site.office.read(|tx| {
        Ok((
            administration::listed(tx, &ctx)?,
            office::people::on_day(tx, &ctx.org, ctx.today())?,
        ))
    })?;
    let of = |at: &Option<String>| at.as_deref().map_or(Ok(String::new()), local);
    let mut rows = Vec::with_capacity(listed.len());
    for one in listed {
        rows.push(Row {
            signed_in: of(&one.signed_in_at)?,
            stopped: of(&one.disabled_at)?,
            own: one.account == visitor.who.account,
            listed: one,
        });
    }
    let has_one = |id: &str| {
        rows.iter()
            .any(|row| row.listed.disabled_at.is_none() && row.listed.person.as_deref() == Some(id))
    };
    let people = people
        .into_iter()
        .filter(|(person, _)| !has_one(&person.id))
        .map(|(person, _)| {
            let named = format!("{}（{}）", person.name, person.office);
            (person.id, named)
        })
        .collect();
    Ok(Accounts {
        shell: Shell::office(site, headers, visitor, "accounts")?,
        rows,
        people,
        roles: ROLES.map(|role| (role.word(), role.label())).to_vec(),
        done: None,
        refused: None,
        typed: NewAccount::default(),
    })
}

/// The form of a change.
#[derive(Deserialize)]
pub struct Asked {
    token: String,
    act: String,
    account: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    role: String,
}

/// Changes an account and shows the page anew; a new password stands on this answer and nowhere else.
pub async fn change(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    session::guard(&visitor, &headers, &asked.token)?;
    let role = Role::from_word(&asked.role);
    let account = asked.account.trim().to_owned();
    let (change, told) = match (asked.act.as_str(), role) {
        ("create", Some(role)) => {
            let change = Change::Create(asked.person.trim().to_owned(), role);
            (change, format!("账号“{account}”建好了"))
        }
        ("reset", _) => (
            Change::Reset,
            format!("“{account}”的密码重置了，原密码和登录作废"),
        ),
        ("disable", _) => (
            Change::Disable,
            format!("“{account}”停用了，登录全部退出，令牌不再有效"),
        ),
        ("enable", _) => (Change::Enable, format!("“{account}”恢复了，要用新密码登录")),
        ("role", Some(role)) => {
            let told = format!("“{account}”的角色改为{}，须重新登录", role.label());
            (Change::Role(role), told)
        }
        ("factor", _) => (
            Change::DropFactor,
            format!("“{account}”的动态码去掉了，登录全部退出"),
        ),
        ("end", _) => (Change::EndSessions, format!("“{account}”的登录全部退出了")),
        _ => return Err(Error::Bar(Bar::NotFound).into()),
    };
    let ctx = session::ctx(&site, &visitor.who);
    let office = site.office.clone();
    let outcome = tokio::task::spawn_blocking(move || {
        administration::change(&office, &ctx, &account, &change)
    })
    .await
    .map_err(|e| Error::Fault(e.to_string()))?;
    match outcome {
        Ok(password) => {
            let page = Accounts {
                done: Some((told, password)),
                ..build(&site, &headers, &visitor)?
            };
            Ok((StatusCode::OK, show(&page)?).into_response())
        }
        Err(e @ Error::Form(_)) => {
            let (status, sentence) = judge(&e);
            let typed = match asked.act.as_str() {
                "create" => NewAccount {
                    account: asked.account,
                    person: asked.person,
                    role: asked.role,
                },
                _ => NewAccount::default(),
            };
            let page = Accounts {
                refused: Some(sentence),
                typed,
                ..build(&site, &headers, &visitor)?
            };
            Ok((status, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}
