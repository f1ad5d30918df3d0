//! `yifa found`: a real township, empty, with its first administrator.

use super::records::open;
use super::{Failure, Outcome, Place};
use crate::machine;
use office::accounts::{self, Role};
use office::error::Error;
use office::townships::{self, Township};

#[derive(clap::Args)]
pub struct Founding {
    /// 全称，例如 某县某镇
    #[arg(long, value_name = "全称")]
    name: String,
    /// 所属的县（市、区）
    #[arg(long, value_name = "县")]
    county: String,
    /// 区划代码，9 位数字
    #[arg(long, value_name = "代码")]
    code: String,
    /// 机关代字，编文号用，例如 某府
    #[arg(long, value_name = "代字")]
    mark: String,
    /// 把法条目录自带的清单装进去作为起点；都是示例，逐条核对以后再用
    #[arg(long)]
    sample_lists: bool,
    /// 第一个管理员的账号
    #[arg(long, value_name = "账号", default_value = "admin")]
    admin: String,
    #[command(flatten)]
    place: Place,
}

/// Founds a township; everything after that is done on the pages.
pub fn found(founding: &Founding) -> Outcome {
    let township = township(founding)?;
    let office = open(&founding.place)?;
    let there = office.read(townships::all)?;
    if let Some(same) = there
        .iter()
        .find(|t| t.org == township.org || t.code == township.code)
    {
        return Err(Failure::No(format!(
            "库里已经有{}（{}），没有再建",
            same.name, same.code
        )));
    }
    let ctx = machine::ctx(&office, &township.org, "命令行", None, machine::now());
    townships::found(&office, &ctx, &township)?;
    let password = ctx.secret()[..16].to_owned();
    office.act(|tx| {
        let mut all = vec![accounts::put(
            tx,
            &ctx,
            &founding.admin,
            None,
            Role::Admin,
            &password,
        )?];
        if founding.sample_lists {
            all.extend(office::listings::install(tx, &ctx, ctx.today())?);
        }
        townships::together(all).ok_or_else(|| Error::Fault("nothing to record".into()))
    })?;
    townships::checkpoint(&office, &ctx)?;
    println!("{}建好了，代号 {}。", township.name, township.org);
    println!(
        "管理员账号 {}　密码 {password}（只显示这一次）",
        founding.admin
    );
    println!("接下来：yifa serve 打开网站，用管理员登录，登记人员、职务、证件，再给他们开账号。");
    Ok(())
}

fn township(founding: &Founding) -> Result<Township, Failure> {
    let words = |what: &str, text: &str, most: usize| {
        let text = text.trim();
        if text.is_empty() || most < text.chars().count() || text.chars().any(char::is_control) {
            return Err(Failure::Words(format!("{what}要写 1 到 {most} 个字")));
        }
        Ok(text.to_owned())
    };
    if founding.code.len() != 9 || !founding.code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Failure::Words(
            "区划代码是 9 位数字：县的 6 位再加乡镇的 3 位".into(),
        ));
    }
    let org = match &founding.place.org {
        Some(org) => org.clone(),
        None => format!("t{}", founding.code),
    };
    if org.len() > 32
        || !org
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    {
        return Err(Failure::Words(
            "代号（--org）只用小写字母和数字，不超过 32 个".into(),
        ));
    }
    Ok(Township {
        org,
        name: words("全称", &founding.name, 40)?,
        mark: words("机关代字", &founding.mark, 12)?,
        code: founding.code.clone(),
        county: words("县", &founding.county, 40)?,
        demo: false,
    })
}
