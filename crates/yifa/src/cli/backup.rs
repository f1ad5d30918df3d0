//! `yifa backup`, `yifa restore`.

use super::records::{open, tell};
use super::{Failure, Outcome, Place};
use crate::machine;
use std::path::Path;

pub fn backup(folder: &Path, place: &Place) -> Outcome {
    let office = open(place)?;
    if office.read(office::townships::all)?.is_empty() {
        return Err(Failure::No(format!(
            "{} 里还没有乡镇，没有可以备份的；请用 --data 指明数据目录",
            place.data.display()
        )));
    }
    let copied = office::backup::write(&office, folder)?;
    say!(
        "已备份到 {}：{} 个文件，{} 字节；每个文件的 sha256 在 {} 里",
        folder.display(),
        copied.files,
        copied.bytes,
        office::backup::LIST
    );
    say!(
        "注意：备份里有账本的签名密钥（keys）和个人信息，谁拿到谁就能冒签。只有本人可读；请放在上锁的地方，不要用聊天工具传。"
    );
    Ok(())
}

pub fn restore(folder: &Path, place: &Place) -> Outcome {
    if place.database.is_some() {
        return Err(Failure::No(
            "数据在 PostgreSQL 里：请用 pg_restore 恢复数据库，再把备份的 files 和 keys 复制到数据目录".into(),
        ));
    }
    let copied = office::backup::restore(folder, &place.data)?;
    say!(
        "备份的每个文件都和 {} 一致；已恢复到 {}：{} 个文件，{} 字节",
        office::backup::LIST,
        place.data.display(),
        copied.files,
        copied.bytes
    );
    let office = open(place)?;
    for township in office.read(office::townships::all)? {
        say!("核验 {}", township.name);
        let ctx = machine::ctx(&office, &township.org, "命令行", None, machine::now());
        tell(&office::verify::run(&office, &ctx, |_, _, _| {})?)?;
    }
    say!("原来的网站如果还开着，请先停掉再用恢复的这一份：两份同时记账，账本会分叉。");
    Ok(())
}
