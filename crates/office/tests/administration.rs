//! The administrator's hand on other accounts, on both engines.

use jiff::ToSpan as _;
use office::accounts::administration::{self, Change};
use office::accounts::{self, Role};
use office::ctx::Ctx;
use office::error::{Bar, Error};
use office::sign_ins::Visit;
use testkit::{Town, on_each_engine};

fn ctx(town: &Town, role: Role, minutes: i64) -> Ctx {
    let ctx = town.ctx("2023-03-06T09:00");
    Ctx {
        account: "admin".into(),
        role: Some(role),
        now: ctx.now + minutes.minutes(),
        ..ctx
    }
}

/// The secret of a new session, if the password is right.
fn sign_in(town: &Town, minutes: i64, account: &str, password: &str) -> Option<String> {
    let ctx = ctx(town, Role::Staff, minutes);
    accounts::sign_in(&town.office, &ctx, &Visit::default(), account, password)
        .map(|(secret, _)| secret)
        .ok()
}

fn alive(town: &Town, secret: &str) -> bool {
    accounts::session(&town.office, &ctx(town, Role::Staff, 1), secret).is_ok()
}

#[test]
fn an_account_is_made_stopped_and_taken_up_again_and_each_time_the_log_says_so() {
    on_each_engine(|town| {
        let admin = ctx(town, Role::Admin, 0);
        let size = || {
            town.office
                .read(|tx| office::log::size(tx, &admin.org))
                .expect("readable")
        };
        let change = |change: &Change| {
            let before = size();
            let outcome = administration::change(&town.office, &admin, "wang.li", change);
            let expect = if outcome.is_ok() { before + 1 } else { before };
            assert_eq!(size(), expect, "the log after {change:?}");
            outcome
        };
        let password = |done: office::error::Result<Option<String>>| {
            done.expect("may be").expect("a one-time password")
        };
        let create = Change::Create("a".into(), Role::Staff);
        let first = password(change(&create));
        let secret = sign_in(town, 0, "wang.li", &first).expect("the password is right");
        assert!(change(&create).is_err(), "one name, one account");

        change(&Change::Role(Role::Leader)).expect("another role");
        assert!(!alive(town, &secret), "a session outlived its role");
        let secret = sign_in(town, 0, "wang.li", &first).expect("the password is the same");
        change(&Change::EndSessions).expect("sessions end");
        assert!(!alive(town, &secret), "a session outlived its end");

        assert!(
            change(&Change::DropFactor).is_err(),
            "there is no second factor"
        );
        let second = password(change(&Change::Reset));
        assert!(
            sign_in(town, 0, "wang.li", &first).is_none(),
            "the old password"
        );
        let secret = sign_in(town, 0, "wang.li", &second).expect("the new password");
        change(&Change::Disable).expect("stopped");
        assert!(!alive(town, &secret), "a session outlived its account");
        assert!(
            sign_in(town, 0, "wang.li", &second).is_none(),
            "signed in though stopped"
        );
        assert!(change(&Change::Disable).is_err(), "stopped twice");
        let third = password(change(&Change::Enable));
        assert!(
            sign_in(town, 20, "wang.li", &second).is_none(),
            "an old password came back"
        );
        assert!(sign_in(town, 20, "wang.li", &third).is_some());

        let listed = town
            .office
            .read(|tx| administration::listed(tx, &ctx(town, Role::Admin, 21)))
            .expect("the administrator may look");
        let [one] = listed.as_slice() else {
            panic!("one account, not {listed:?}");
        };
        assert_eq!((one.role, one.sessions), (Role::Leader, 1));
    });
}

#[test]
fn only_the_administrator_changes_accounts_and_not_the_own_one() {
    on_each_engine(|town| {
        let create = Change::Create("a".into(), Role::Admin);
        for role in [Role::Staff, Role::Leader, Role::County] {
            let who = ctx(town, role, 0);
            let outcome = administration::change(&town.office, &who, "mallory", &create);
            assert!(
                matches!(outcome, Err(Error::Bar(Bar::NotYours(_)))),
                "{role:?}"
            );
            let listed = town.office.read(|tx| administration::listed(tx, &who));
            assert!(
                matches!(listed, Err(Error::Bar(Bar::NotYours(_)))),
                "{role:?}"
            );
        }
        let admin = ctx(town, Role::Admin, 0);
        let on = |account: &str, change: &Change| {
            administration::change(&town.office, &admin, account, change)
        };
        on("admin", &create).expect("an administrator");
        for own in [
            Change::Disable,
            Change::Role(Role::Staff),
            Change::Reset,
            Change::EndSessions,
            Change::DropFactor,
        ] {
            assert!(matches!(on("admin", &own), Err(Error::Form(_))), "{own:?}");
        }
        for (account, person) in [
            ("x", "b"),
            ("王丽", "b"),
            ("a b", "b"),
            ("other", "nobody"),
            ("other", "a"),
        ] {
            let create = Change::Create(person.into(), Role::Staff);
            assert!(
                matches!(on(account, &create), Err(Error::Form(_))),
                "{account} for {person}"
            );
        }
        let unknown = on("nobody", &Change::Reset);
        assert!(matches!(unknown, Err(Error::Bar(Bar::NotFound))));
    });
}
