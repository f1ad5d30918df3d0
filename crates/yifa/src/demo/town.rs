//! The demo township: people, posts, certificates, listings. All names are visibly synthetic.

use office::Office;
use office::ctx::Ctx;
use office::error::{Error, Result};
use office::people::{Certificate, Person, Post, put_certificate, put_person, put_post};
use office::townships::{Township, together};

/// The demo township's id.
pub const ORG: &str = "tianfu";

/// 蓬溪县天福镇, synthetic.
pub fn township() -> Township {
    Township {
        org: ORG.into(),
        name: "蓬溪县天福镇".into(),
        mark: "天府".into(),
        code: "510921105".into(),
        county: "蓬溪县".into(),
        demo: true,
    }
}

const POSTS: &[(&str, &[&str])] = &[
    ("p01", &["党委书记"]),
    ("p02", &["镇长"]),
    ("p03", &["镇人大主席"]),
    ("p04", &["副镇长", "分管副镇长", "分管领导"]),
    ("p05", &["副镇长", "分管副镇长", "分管领导"]),
    ("p06", &["政法委员", "分管领导"]),
    ("p07", &["党政办主任"]),
    ("p08", &["综合行政执法办负责人"]),
    ("p09", &["便民服务中心主任"]),
    ("p10", &["12345专员"]),
    ("p11", &["信访专员"]),
    ("p12", &["财政所经办"]),
    ("p48", &["调委会主任"]),
];

/// Officers with a certificate valid at the end of the year: p14 to p31.
pub const OFFICERS: [&str; 18] = [
    "p14", "p15", "p16", "p17", "p18", "p19", "p20", "p21", "p22", "p23", "p24", "p25", "p26",
    "p27", "p28", "p29", "p30", "p31",
];
/// Mediators.
pub const MEDIATORS: [&str; 8] = ["p40", "p41", "p42", "p43", "p44", "p45", "p46", "p47"];
/// Members of the party committee.
pub const COMMITTEE: [&str; 9] = [
    "p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08", "p09",
];
/// Staff of the township.
pub const STAFF: usize = 62;

/// Registers people and listings.
pub fn settle(office: &Office, ctx: &Ctx, year: i16) -> Result<()> {
    let began = format!("{}-01-01", year - 1);
    office.act(|tx| {
        let mut all = Vec::new();
        for n in 1..=STAFF {
            let id = format!("p{n:02}");
            let place = if (14..=32).contains(&n) || n == 8 {
                "综合行政执法办"
            } else {
                "镇机关"
            };
            all.push(put_person(
                tx,
                ctx,
                &Person {
                    id,
                    name: format!("示例{n:02}"),
                    office: place.into(),
                    stationed: false,
                    from_on: began.clone(),
                    until_on: None,
                },
            )?);
        }
        for n in 1..=2 {
            let person = Person {
                id: format!("s{n:02}"),
                name: format!("派驻示例{n:02}"),
                office: "县级派驻".into(),
                stationed: true,
                from_on: began.clone(),
                until_on: None,
            };
            all.push(put_person(tx, ctx, &person)?);
        }
        for (person, posts) in POSTS {
            for post in *posts {
                let post = Post {
                    person: (*person).into(),
                    post: (*post).into(),
                    from_on: began.clone(),
                    until_on: None,
                };
                all.push(put_post(tx, ctx, &post)?);
            }
        }
        let mut certify =
            |tx: &mut store::Tx, person: &str, kind: &str, number: String, until: String| {
                let certificate = Certificate {
                    person: person.into(),
                    kind: kind.into(),
                    number,
                    from_on: began.clone(),
                    until_on: until,
                };
                put_certificate(tx, ctx, &certificate).map(|r| all.push(r))
            };
        for (i, officer) in OFFICERS.iter().enumerate() {
            certify(
                tx,
                officer,
                "执法证",
                format!("演示执{:03}", i + 1),
                "2028-12-31".into(),
            )?;
        }
        certify(
            tx,
            "p32",
            "执法证",
            "演示执019".into(),
            format!("{year}-06-30"),
        )?;
        certify(tx, "s01", "执法证", "演示执101".into(), "2028-12-31".into())?;
        certify(tx, "s02", "执法证", "演示执102".into(), "2028-12-31".into())?;
        certify(
            tx,
            "p13",
            "法律职业资格",
            "演示法001".into(),
            "2099-12-31".into(),
        )?;
        for (i, mediator) in MEDIATORS.iter().enumerate() {
            certify(
                tx,
                mediator,
                "人民调解员证",
                format!("演示调{:03}", i + 1),
                "2099-12-31".into(),
            )?;
        }
        let first = jiff::civil::date(year - 1, 1, 1);
        all.extend(office::listings::install(tx, ctx, first)?);
        together(all).ok_or_else(|| Error::Fault("demo: nobody in town".into()))
    })
}
