//! The second factor and the rules for signing in, on both engines.

use office::accounts::{self, Owes, Role};
use office::ctx::Ctx;
use office::error::{Bar, Error};
use office::login_rules::{self, LoginRules};
use office::second_factor;
use office::sign_ins::Visit;
use store::{params, sql};
use testkit::{Town, on_each_engine};
use totp_rs::{Builder, Secret};

const RIGHT: &str = "渡口的槐树又开花了吧";

fn visit() -> Visit {
    Visit {
        address: "10.0.0.9".into(),
        device: "测试".into(),
    }
}

fn at(town: &Town, time: &str) -> Ctx {
    Ctx {
        account: "jia".into(),
        ..town.ctx(time)
    }
}

/// What the telephone shows.
fn code(secret: &str, ctx: &Ctx) -> String {
    let machine = Builder::new()
        .with_secret(Secret::try_from_base32(secret).expect("base 32"))
        .build()
        .expect("a machine");
    let epoch = jiff::civil::date(1970, 1, 1).at(8, 0, 0, 0);
    let seconds = ctx.now.duration_since(epoch).as_secs();
    machine.generate(seconds.unsigned_abs()).to_string()
}

/// Makes the account and sets its factor up; secret and spare codes.
fn enrolled(town: &Town) -> (String, Vec<String>) {
    let ctx = at(town, "2023-03-06T08:00");
    town.office
        .act(|tx| accounts::put(tx, &ctx, "jia", Some("a"), Role::Staff, RIGHT))
        .expect("an account");
    let begun = second_factor::begin(&town.office, &ctx).expect("begins");
    let shown_again = second_factor::begin(&town.office, &ctx).expect("is shown again");
    assert_eq!(begun.secret, shown_again.secret);
    let code = code(&begun.secret, &ctx);
    let (_, spare) =
        second_factor::confirm(&town.office, &ctx, &visit(), &code).expect("the code is right");
    (begun.secret, spare)
}

fn half(town: &Town, ctx: &Ctx) -> String {
    let (secret, _) = accounts::sign_in(&town.office, ctx, &visit(), "jia", RIGHT)
        .expect("the password is right");
    let who = accounts::session(&town.office, ctx, &secret).expect("a session");
    assert_eq!(who.owes, Some(Owes::Code));
    secret
}

fn prove(town: &Town, ctx: &Ctx, half: &str, code: &str) -> Result<String, Error> {
    second_factor::prove(&town.office, ctx, &visit(), half, code)
}

#[test]
fn a_code_opens_the_session_and_counts_once() {
    on_each_engine(|town| {
        let (secret, spare) = enrolled(town);
        let ctx = at(town, "2023-03-06T09:00");
        let first = half(town, &ctx);
        let shown = code(&secret, &ctx);
        let whole = prove(town, &ctx, &first, &shown).expect("the code is right");
        let who = accounts::session(&town.office, &ctx, &whole).expect("a whole session");
        assert_eq!(who.owes, None);
        assert!(
            accounts::session(&town.office, &ctx, &first).is_err(),
            "the half-open secret is still alive"
        );

        let again = half(town, &ctx);
        let replayed = prove(town, &ctx, &again, &shown);
        assert!(
            matches!(replayed, Err(Error::Form(_))),
            "a code counted twice"
        );
        prove(town, &ctx, &again, &spare[0]).expect("a spare code is right");
        let third = half(town, &ctx);
        assert!(
            prove(town, &ctx, &third, &spare[0]).is_err(),
            "a spare code counted twice"
        );
        let late = at(town, "2023-03-06T09:06");
        assert!(
            accounts::session(&town.office, &late, &third).is_err(),
            "a half-open session waits for ever"
        );
    });
}

#[test]
fn codes_are_not_guessed_and_secrets_not_moved() {
    on_each_engine(|town| {
        let (secret, _) = enrolled(town);
        let ctx = at(town, "2023-03-06T09:00");
        let open = half(town, &ctx);
        let right = code(&secret, &ctx);
        let wrong = if right == "000000" {
            "000001"
        } else {
            "000000"
        };
        for _ in 0..5 {
            assert!(prove(town, &ctx, &open, wrong).is_err());
        }
        let outcome = prove(town, &ctx, &open, &right);
        assert!(
            matches!(outcome, Err(Error::Bar(Bar::TooManyTries))),
            "a sixth try was heard: {outcome:?}"
        );

        // Somebody who writes in the database gives their own secret to another account: it does not open.
        let yi = Ctx {
            account: "yi".into(),
            ..ctx.clone()
        };
        town.office
            .act(|tx| {
                tx.execute(
                    sql!("UPDATE second_factors SET account = 'yi' WHERE org = $1"),
                    params![yi.org],
                )?;
                accounts::put(tx, &yi, "yi", Some("b"), Role::Staff, RIGHT)
            })
            .expect("moved");
        let outcome = second_factor::remove(&town.office, &yi, &visit(), &right);
        assert!(matches!(outcome, Err(Error::Fault(_))), "{outcome:?}");
    });
}

#[test]
fn the_rules_say_what_is_owed() {
    on_each_engine(|town| {
        let ctx = at(town, "2023-03-06T08:00");
        let strict = LoginRules::profile("等保三级").expect("a profile");
        town.office
            .act(|tx| login_rules::put(tx, &ctx, &strict))
            .expect("set");
        town.office
            .act(|tx| accounts::put(tx, &ctx, "jia", Some("a"), Role::Staff, RIGHT))
            .expect("an account");
        let (session, _) =
            accounts::sign_in(&town.office, &ctx, &visit(), "jia", RIGHT).expect("signs in");
        let owes = |ctx: &Ctx, secret: &str| {
            accounts::session(&town.office, ctx, secret)
                .expect("a session")
                .owes
        };
        assert_eq!(owes(&ctx, &session), Some(Owes::Password));
        let change = |old: &str, new: &str| {
            accounts::change_password(&town.office, &ctx, &visit(), old, new)
        };
        let plain = change(RIGHT, "onlylowercase");
        assert!(matches!(plain, Err(Error::Form(_))), "{plain:?}");
        let session = change(RIGHT, "Dukou-huai-3").expect("three kinds are enough");
        assert_eq!(owes(&ctx, &session), Some(Owes::Factor));
        let begun = second_factor::begin(&town.office, &ctx).expect("begins");
        let shown = code(&begun.secret, &ctx);
        let (session, _) =
            second_factor::confirm(&town.office, &ctx, &visit(), &shown).expect("right");
        assert_eq!(owes(&ctx, &session), None);

        // A helper at the counter takes the factor away when the telephone is gone.
        let root = at(town, "2023-03-06T08:05");
        town.office
            .act(|tx| second_factor::reset(tx, &root, "jia"))
            .expect("reset");
        assert!(accounts::session(&town.office, &root, &session).is_err());
    });
}
