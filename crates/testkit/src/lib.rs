//! A township to test in, on each engine (测试用乡镇). Only for tests.

pub mod postgres;

use office::Office;
use office::ctx::Ctx;
use office::error::{Error, Result};
use office::people::{Certificate, Person, Post};
use office::townships::Township;
use std::sync::Arc;
use store::Location;

/// The test township's id.
pub const ORG: &str = "test";

/// The other township in the same database, once [`Town::neighbour`] has founded it.
pub const NEIGHBOUR: &str = "neighbour";

/// A township in an empty database, with a folder that goes away with it.
pub struct Town {
    /// The office.
    pub office: Office,
    /// Where it lies, to open it again.
    pub location: Location,
    folder: tempfile::TempDir,
    _server: Option<Arc<postgres::Server>>,
}

/// Runs a test on SQLite, and on PostgreSQL when the machine has it.
pub fn on_each_engine(test: impl Fn(&Town)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let location = Location::Sqlite(folder.path().join("yifa.db"));
    test(&Town::found(location, folder, None));
    if let Some(server) = postgres::server() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = Location::Postgres(server.database());
        test(&Town::found(location, folder, Some(server)));
    }
}

/// Unpredictable bytes.
pub fn random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

impl Town {
    /// A town on SQLite alone, for measuring.
    pub fn on_sqlite() -> Town {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = Location::Sqlite(folder.path().join("yifa.db"));
        Town::found(location, folder, None)
    }

    /// A town on PostgreSQL alone, for measuring; none if the machine has no server.
    pub fn on_postgres() -> Option<Town> {
        let server = postgres::durable_server()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = Location::Postgres(server.database());
        Some(Town::found(location, folder, Some(server)))
    }

    /// Closes the office and keeps its folder, laid out as the program's data folder.
    pub fn close(self) -> tempfile::TempDir {
        self.folder
    }

    fn found(
        location: Location,
        folder: tempfile::TempDir,
        server: Option<Arc<postgres::Server>>,
    ) -> Town {
        let pack = Arc::new(office::pack::Pack::embedded().expect("the law pack is sound"));
        let office = Office::open(&location, folder.path(), pack).expect("a fresh database opens");
        let town = Town {
            office,
            location,
            folder,
            _server: server,
        };
        town.settle(ORG).expect("a town can be founded");
        town
    }

    /// The folder of files and keys.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The circumstances of an act at an instant, `2023-03-06` or `2023-03-06T09:00`.
    pub fn ctx(&self, at: &str) -> Ctx {
        let at = if at.contains('T') {
            at.to_owned()
        } else {
            format!("{at}T00:00")
        };
        Ctx {
            org: ORG.into(),
            account: "测试".into(),
            person: None,
            role: None,
            now: at.parse().expect("tests write instants as they should"),
            request: None,
            pack: self.office.pack.clone(),
            vault: self.office.vault.clone(),
            random,
        }
    }

    /// Founds another township in the same database, with people, posts and listings of its own.
    pub fn neighbour(&self) {
        self.settle(NEIGHBOUR).expect("a neighbour can be founded");
    }

    /// People a to e, each with every post and certificate that some law file asks for; and all listings.
    fn settle(&self, org: &str) -> Result<()> {
        let ctx = Ctx {
            org: org.into(),
            ..self.ctx("2022-01-01")
        };
        let (name, mark, code) = match org {
            ORG => ("测试镇", "测", "510000000"),
            _ => ("邻镇", "邻", "510000001"),
        };
        let town = Township {
            org: org.into(),
            name: name.into(),
            mark: mark.into(),
            code: code.into(),
            county: "测试县".into(),
            demo: true,
        };
        office::townships::found(&self.office, &ctx, &town)?;
        let (mut posts, mut kinds) = (Vec::new(), Vec::new());
        for law in self.office.pack.files() {
            for role in &law.procedure.roles {
                match &role.qualification {
                    law::procedure::Qualification::Post(all) => posts.extend(all.clone()),
                    law::procedure::Qualification::Certificate(all) => kinds.extend(all.clone()),
                    law::procedure::Qualification::None => {}
                }
            }
        }
        posts.sort();
        posts.dedup();
        kinds.sort();
        kinds.dedup();
        self.office.act(|tx| {
            let mut all = Vec::new();
            for id in ["a", "b", "c", "d", "e"] {
                let person = Person {
                    id: id.into(),
                    name: format!("测试{id}"),
                    office: "测试办".into(),
                    stationed: false,
                    from_on: "2022-01-01".into(),
                    until_on: None,
                };
                all.push(office::people::put_person(tx, &ctx, &person)?);
                for post in &posts {
                    let post = Post {
                        person: id.into(),
                        post: post.clone(),
                        from_on: "2022-01-01".into(),
                        until_on: None,
                    };
                    all.push(office::people::put_post(tx, &ctx, &post)?);
                }
                for kind in &kinds {
                    let certificate = Certificate {
                        person: id.into(),
                        kind: kind.clone(),
                        number: format!("测{id}"),
                        from_on: "2022-01-01".into(),
                        until_on: "2026-12-31".into(),
                    };
                    all.push(office::people::put_certificate(tx, &ctx, &certificate)?);
                }
            }
            let first = jiff::civil::date(2022, 1, 1);
            all.extend(office::listings::install(tx, &ctx, first)?);
            office::townships::together(all).ok_or_else(|| Error::Fault("an empty town".into()))
        })
    }
}
