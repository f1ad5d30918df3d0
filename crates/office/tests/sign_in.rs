//! Signing in: guesses are slowed, nobody is locked out, sessions end.

use office::accounts::{self, Role};
use office::error::{Bar, Error};
use office::sign_ins::{PER_ACCOUNT, PER_PAIR, Visit};
use testkit::{Town, on_each_engine};

const RIGHT: &str = "渡口的槐树又开花了吧";

fn account(town: &Town, name: &str) {
    let ctx = town.ctx("2023-03-06T08:00");
    town.office
        .act(|tx| accounts::put(tx, &ctx, name, None, Role::Staff, RIGHT))
        .expect("an account can be made");
}

fn sign_in(
    town: &Town,
    at: &str,
    address: &str,
    name: &str,
    password: &str,
) -> Result<String, Bar> {
    let visit = Visit {
        address: address.into(),
        device: "测试".into(),
    };
    accounts::sign_in(&town.office, &town.ctx(at), &visit, name, password)
        .map(|(secret, _)| secret)
        .map_err(|e| match e {
            Error::Bar(bar) => bar,
            other => panic!("neither in nor barred: {other:?}"),
        })
}

#[test]
fn guesses_from_one_address_are_not_heard_after_the_fifth() {
    on_each_engine(|town| {
        account(town, "jia");
        for _ in 0..PER_PAIR {
            let outcome = sign_in(town, "2023-03-06T09:00", "10.0.0.1", "jia", "不对不对不对");
            assert_eq!(outcome, Err(Bar::NotSignedIn));
        }
        let outcome = sign_in(town, "2023-03-06T09:05", "10.0.0.1", "jia", RIGHT);
        assert_eq!(outcome, Err(Bar::TooManyTries), "a sixth try was heard");
        let later = sign_in(town, "2023-03-06T09:16", "10.0.0.1", "jia", RIGHT);
        assert!(later.is_ok(), "still closed after a quarter of an hour");
    });
}

#[test]
fn an_unknown_account_is_slowed_like_a_known_one() {
    on_each_engine(|town| {
        for _ in 0..PER_PAIR {
            let outcome = sign_in(town, "2023-03-06T09:00", "10.0.0.1", "nobody", RIGHT);
            assert_eq!(outcome, Err(Bar::NotSignedIn));
        }
        let outcome = sign_in(town, "2023-03-06T09:00", "10.0.0.1", "nobody", RIGHT);
        assert_eq!(outcome, Err(Bar::TooManyTries));
    });
}

#[test]
fn guesses_from_many_addresses_stop_and_do_not_lock_out_the_owner() {
    on_each_engine(|town| {
        account(town, "jia");
        sign_in(town, "2023-03-05T09:00", "10.0.0.1", "jia", RIGHT).expect("the owner comes in");
        for n in 0..PER_ACCOUNT {
            let address = format!("10.0.1.{n}");
            let outcome = sign_in(town, "2023-03-06T09:00", &address, "jia", "不对不对不对");
            assert_eq!(outcome, Err(Bar::NotSignedIn));
        }
        let stranger = sign_in(town, "2023-03-06T09:10", "10.0.2.1", "jia", "不对不对不对");
        assert_eq!(stranger, Err(Bar::TooManyTries));
        let owner = sign_in(town, "2023-03-06T09:10", "10.0.0.1", "jia", RIGHT);
        assert!(owner.is_ok(), "the owner was locked out");
    });
}

#[test]
fn a_session_ends_by_idleness_and_by_age() {
    on_each_engine(|town| {
        account(town, "jia");
        let secret = sign_in(town, "2023-03-06T08:00", "10.0.0.1", "jia", RIGHT).expect("in");
        let alive = |at: &str| accounts::session(&town.office, &town.ctx(at), &secret).is_ok();
        for hour in 8..20 {
            assert!(alive(&format!("2023-03-06T{hour:02}:20")), "hour {hour}");
            assert!(alive(&format!("2023-03-06T{hour:02}:45")), "hour {hour}");
            assert!(alive(&format!("2023-03-06T{hour:02}:59")), "hour {hour}");
        }
        assert!(!alive("2023-03-06T20:10"), "older than half a day");
        let idle = sign_in(town, "2023-03-07T08:00", "10.0.0.1", "jia", RIGHT).expect("in");
        let ctx = town.ctx("2023-03-07T08:31");
        assert!(accounts::session(&town.office, &ctx, &idle).is_err());
    });
}

#[test]
fn a_new_password_ends_every_session_but_the_new_one() {
    on_each_engine(|town| {
        account(town, "jia");
        let before = sign_in(town, "2023-03-06T09:00", "10.0.0.1", "jia", RIGHT).expect("in");
        let mut ctx = town.ctx("2023-03-06T09:01");
        ctx.account = "jia".into();
        let visit = Visit::default();
        let change = |old: &str, new: &str| {
            accounts::change_password(&town.office, &ctx, &visit, old, new)
                .map_err(|e| e.to_string())
        };
        for (old, new) in [
            ("不对不对不对不对", "另一句够长的话在这里"),
            (RIGHT, RIGHT),
            (RIGHT, "短"),
            (RIGHT, "Password123"),
            (RIGHT, "jia的密码够不够长呢"),
        ] {
            change(old, new).expect_err("a bad change was made");
        }
        let after = change(RIGHT, "另一句够长的话在这里").expect("a good change is made");
        assert!(accounts::session(&town.office, &ctx, &before).is_err());
        assert!(accounts::session(&town.office, &ctx, &after).is_ok());
        let own = town
            .office
            .read(|tx| accounts::sessions(tx, &ctx, &after))
            .expect("one's own sessions");
        assert_eq!(own.len(), 1);
        assert!(own[0].current);
    });
}

#[test]
fn nobody_ends_the_session_or_token_of_another() {
    on_each_engine(|town| {
        account(town, "jia");
        account(town, "yi");
        let secret = sign_in(town, "2023-03-06T09:00", "10.0.0.1", "jia", RIGHT).expect("in");
        let as_account = |name: &str| office::ctx::Ctx {
            account: name.into(),
            ..town.ctx("2023-03-06T09:01")
        };
        let (jia, yi) = (as_account("jia"), as_account("yi"));
        let token = accounts::create_token(&town.office, &jia, "jia", "测试", jia.today())
            .expect("a token can be made");
        let (sessions, tokens) = town
            .office
            .read(|tx| {
                Ok((
                    accounts::sessions(tx, &jia, &secret)?,
                    accounts::tokens(tx, &jia)?,
                ))
            })
            .expect("one's own");
        accounts::end_session(&town.office, &yi, &sessions[0].id).expect("nothing happens");
        assert!(accounts::session(&town.office, &jia, &secret).is_ok());
        assert!(accounts::revoke_token(&town.office, &yi, &tokens[0].id).is_err());
        assert!(accounts::token(&town.office, &jia, &token).is_ok());
        accounts::revoke_token(&town.office, &jia, &tokens[0].id).expect("one's own goes");
        assert!(accounts::token(&town.office, &jia, &token).is_err());
    });
}
