//! The office (工作台): what staff work with.

mod account;
mod accounts;
pub mod board;
mod case;
mod confirmations;
mod dossier;
mod factor;
mod keys;
mod lists;
mod login;
mod next;
mod parties;
mod people;
mod print;
mod register;
mod reports;
mod tables;
mod today;

use crate::Site;
use axum::Router;
use axum::routing::{get, post};

/// Routes of the office.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/office", get(today::page))
        .route("/office/login", get(login::page).post(login::sign_in))
        .route("/office/login/code", get(factor::ask).post(factor::give))
        .route("/office/logout", post(login::sign_out))
        .route("/office/account", get(account::page))
        .route("/office/account/password", post(account::password))
        .route(
            "/office/account/factor",
            get(factor::page).post(factor::begin),
        )
        .route("/office/account/factor/confirm", post(factor::confirm))
        .route("/office/account/factor/remove", post(factor::remove))
        .route("/office/account/sessions/end", post(account::end_session))
        .route("/office/account/tokens", post(account::create_token))
        .route("/office/account/tokens/revoke", post(account::revoke_token))
        .route("/office/confirmations", post(confirmations::answer))
        .route(
            "/office/accounts",
            get(accounts::page).post(accounts::change),
        )
        .route("/office/cases", get(register::page))
        .route("/office/new/{procedure}", get(case::new).post(case::open))
        .route("/office/cases/{id}", get(case::page))
        .route("/office/cases/{id}/steps/{step}", post(case::step))
        .route("/office/cases/{id}/dossier", get(dossier::page))
        .route("/office/cases/{id}/print", get(print::page))
        .route("/office/cases/{id}/trial/{step}", post(dossier::trial))
        .route("/office/cases/{id}/evidence/{hash}", get(case::evidence))
        .route(
            "/office/cases/{id}/parties",
            get(parties::page).post(parties::reveal),
        )
        .route("/office/keys", get(keys::page))
        .route("/office/board", get(board::page))
        .route("/office/figures/{year}/{reference}", get(board::figure))
        .route("/office/reports", get(reports::page))
        .route("/office/reports/{year}", get(reports::draft))
        .route("/office/tables/{year}", get(tables::page))
        .route("/office/people", get(people::page).post(people::hire))
        .route(
            "/office/people/{id}",
            get(people::person).post(people::change),
        )
        .route("/office/lists", get(lists::page).post(lists::put))
        .route("/office/lists/entry", get(lists::entry))
}
