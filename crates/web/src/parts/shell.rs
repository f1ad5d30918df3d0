//! The frame of every page: demo banner, head, foot, large type and high contrast.

use crate::Site;
use crate::session::{Visitor, cookie};
use axum::http::HeaderMap;
use office::accounts::Role;
use office::error::Result;

/// What the frame shows.
pub struct Shell {
    /// Name of the township.
    pub town: String,
    /// Synthetic data only.
    pub demo: bool,
    /// Who is signed in, with their role.
    pub signed: Option<String>,
    /// Token of their forms.
    pub form_token: String,
    /// Entries of the log.
    pub log_size: i64,
    /// Address of the current column.
    pub here: &'static str,
    /// High contrast.
    pub contrast: bool,
    /// Large type.
    pub large: bool,
    /// Name of the stylesheet.
    pub style: String,
    /// Name of the office's script.
    pub script: String,
    /// Office or portal.
    pub office: bool,
    /// Signed in as the administrator.
    pub admin: bool,
    /// Does the account work on cases? The administrator and the county do not see any.
    pub acts: bool,
}

impl Shell {
    /// A frame for when nothing can be read.
    pub fn bare() -> Shell {
        Shell {
            town: "依法".into(),
            demo: false,
            signed: None,
            form_token: String::new(),
            log_size: 0,
            here: "",
            contrast: false,
            large: false,
            style: super::assets::STYLE_NAME.clone(),
            script: super::assets::SCRIPT_NAME.clone(),
            office: false,
            admin: false,
            acts: false,
        }
    }

    /// The frame of a portal page.
    pub fn portal(site: &Site, headers: &HeaderMap, here: &'static str) -> Result<Shell> {
        let (town, log_size) = site.office.read(|tx| {
            Ok((
                office::townships::find(tx, &site.org)?,
                office::log::size(tx, &site.org)?,
            ))
        })?;
        Ok(Shell {
            town: town.name,
            demo: town.demo,
            log_size,
            here,
            contrast: cookie(headers, "contrast") == Some("high"),
            large: cookie(headers, "type") == Some("large"),
            ..Shell::bare()
        })
    }

    /// The frame of an office page.
    pub fn office(
        site: &Site,
        headers: &HeaderMap,
        visitor: &Visitor,
        here: &'static str,
    ) -> Result<Shell> {
        Ok(Shell {
            signed: Some(format!(
                "{}（{}）",
                visitor.who.name,
                visitor.who.role.label()
            )),
            form_token: visitor.form_token.clone(),
            office: true,
            admin: visitor.who.role == Role::Admin,
            acts: matches!(visitor.who.role, Role::Staff | Role::Leader),
            ..Shell::portal(site, headers, here)?
        })
    }

    /// Is this the current column?
    pub fn at(&self, here: &str) -> bool {
        self.here == here
    }
}
