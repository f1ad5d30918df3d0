//! Migrations, oldest first. One that has landed is never edited.

use store::Migration;

/// All migrations.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "start",
        sql: include_str!("../migrations/0001_start.sql"),
    },
    Migration {
        version: 2,
        name: "docket",
        sql: include_str!("../migrations/0002_docket.sql"),
    },
    Migration {
        version: 6,
        name: "witness",
        sql: include_str!("../migrations/0006_witness.sql"),
    },
    Migration {
        version: 7,
        name: "login",
        sql: include_str!("../migrations/0007_login.sql"),
    },
    Migration {
        version: 8,
        name: "stocks",
        sql: include_str!("../migrations/0008_stocks.sql"),
    },
    Migration {
        version: 9,
        name: "access",
        sql: include_str!("../migrations/0009_access.sql"),
    },
    Migration {
        version: 10,
        name: "confirmations",
        sql: include_str!("../migrations/0010_confirmations.sql"),
    },
    Migration {
        version: 11,
        name: "second_factor",
        sql: include_str!("../migrations/0011_second_factor.sql"),
    },
    Migration {
        version: 12,
        name: "sealed_parties",
        sql: include_str!("../migrations/0012_sealed_parties.sql"),
    },
];
