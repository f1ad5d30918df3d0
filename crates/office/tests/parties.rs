//! How to reach a party: sealed at rest, opened for a purpose that goes on record, by nobody else.

use office::accounts::Role;
use office::cases;
use office::ctx::Ctx;
use office::error::{Bar, Error};
use office::inputs::{Draft, Input};
use office::parties;
use std::collections::BTreeMap;
use store::{params, sql};
use testkit::{Town, on_each_engine};

const PHONE: &str = "13800001111";

fn opened(town: &Town, ctx: &Ctx, request: &str) -> String {
    let party = Input::Party {
        class: "公民".into(),
        name: "示例甲".into(),
        contact: PHONE.into(),
        address: "长坪村一组".into(),
    };
    let draft = Draft {
        step: "登记申请".into(),
        persons: BTreeMap::from([("窗口人员".to_owned(), vec!["a".to_owned()])]),
        values: BTreeMap::from([
            ("确认事项".to_owned(), Input::Text("生育登记".into())),
            ("申请人信息".to_owned(), party),
            ("申请内容".to_owned(), Input::Text("登记".into())),
        ]),
        ..Draft::default()
    };
    let ctx = Ctx {
        request: Some(request.into()),
        ..ctx.clone()
    };
    cases::open(&town.office, &ctx, "confirmation", &draft)
        .expect("a lawful opening")
        .case
}

fn staff(town: &Town, person: &str) -> Ctx {
    Ctx {
        account: format!("konto-{person}"),
        person: Some(person.into()),
        role: Some(Role::Staff),
        ..town.ctx("2026-03-02T09:00")
    }
}

#[test]
fn a_telephone_number_is_told_for_a_purpose_and_lies_nowhere_in_the_open() {
    on_each_engine(|town| {
        let ctx = staff(town, "a");
        let case = opened(town, &ctx, "one");
        let second = opened(town, &ctx, "two");
        let kept: Vec<(String, String, String)> = town
            .office
            .read(|tx| {
                Ok(tx.query(
                    sql!("SELECT contact, address, sealed FROM parties WHERE org = $1"),
                    params![ctx.org],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )?)
            })
            .expect("readable");
        assert_eq!(kept.len(), 1, "the same party twice: {kept:?}");
        let (contact, address, sealed) = &kept[0];
        assert!(contact.is_empty() && address.is_empty() && !sealed.contains(PHONE));

        for empty in ["", " ", "其他"] {
            let told = parties::reveal(&town.office, &ctx, &case, empty);
            assert!(matches!(told, Err(Error::Form(_))), "{told:?}");
        }
        let told = parties::reveal(&town.office, &ctx, &case, "送达文书").expect("works on it");
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].1.contact, PHONE);
        let looks: Vec<String> = town
            .office
            .read(|tx| office::casefile::load(tx, &ctx, &case))
            .expect("the case")
            .lines
            .into_iter()
            .filter(|line| line.kind == "look")
            .map(|line| line.note)
            .collect();
        assert_eq!(looks, ["送达文书"]);

        let other = staff(town, "b");
        let told = parties::reveal(&town.office, &other, &second, "送达文书");
        assert!(
            matches!(told, Err(Error::Bar(Bar::NotYours(_)))),
            "whoever does not work on it was told: {told:?}"
        );
        let verified = office::verify::run(&town.office, &ctx, |_, _, _| {}).expect("verifies");
        assert!(verified.faults.is_empty(), "{:?}", verified.faults);
    });
}
