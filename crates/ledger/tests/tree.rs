//! Proofs against a naive tree, receipts against alteration.

use ledger::{
    Entry, Hash, Head, Receipt, append, checkpoint, consistency, cosignature, inclusion, leaf_hash,
    node_hash,
};
use ledger::{verify_consistency, verify_inclusion};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// The root from the definition in RFC 6962.
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            node_hash(&naive(&leaves[..split]), &naive(&leaves[split..]))
        }
    }
}

struct Log {
    heads: Vec<Head>,
    leaves: Vec<Hash>,
    nodes: HashMap<(u8, u64), Hash>,
    entries: Vec<String>,
}

fn entry(seq: u64, body: &str) -> Entry<'_> {
    Entry {
        org: "t",
        seq,
        kind: "fact",
        case: None,
        n: None,
        subject: "open",
        at: "2023-03-06T09:00:00",
        recorded: "2023-03-06T01:00:00.000Z",
        actor: "甲",
        body,
    }
}

fn log(size: usize) -> Log {
    let mut log = Log {
        heads: vec![Head::empty()],
        leaves: Vec::new(),
        nodes: HashMap::new(),
        entries: Vec::new(),
    };
    for seq in 0..size {
        let body = format!("{{\"x\":{seq}}}");
        let entry = entry(seq as u64, &body);
        let (head, leaf) = append(&log.heads[seq], &entry, &[7; 32]).expect("in order");
        log.leaves.push(leaf_hash(&leaf.get().commitment));
        log.nodes.extend(
            leaf.get()
                .new_nodes
                .iter()
                .map(|n| ((n.level, n.index), n.hash)),
        );
        log.entries.push(entry.canonical());
        log.heads.push(head);
    }
    log
}

#[test]
fn every_head_has_the_root_of_the_definition() {
    let log = log(130);
    for (size, head) in log.heads.iter().enumerate() {
        assert_eq!(head.root(), naive(&log.leaves[..size]), "size {size}");
        assert_eq!(
            Head::from_text(head.size(), &head.to_text()).as_ref(),
            Ok(head)
        );
    }
}

#[test]
fn every_inclusion_proof_holds_and_none_holds_elsewhere() {
    let log = log(70);
    for size in 1..=70u64 {
        let root = log.heads[size as usize].root();
        for index in 0..size {
            let proof = inclusion(size, index, |l, i| log.nodes.get(&(l, i)).copied())
                .expect("nodes are kept");
            let leaf = log.leaves[index as usize];
            assert!(
                verify_inclusion(size, index, leaf, &proof, root),
                "{index} in {size}"
            );
            assert!(size == 1 || !verify_inclusion(size, (index + 1) % size, leaf, &proof, root));
            let mut altered = leaf;
            altered[0] ^= 1;
            assert!(!verify_inclusion(size, index, altered, &proof, root));
        }
    }
}

#[test]
fn every_consistency_proof_holds_and_a_rewritten_log_has_none() {
    let log = log(70);
    for new in 1..=70u64 {
        for old in 1..=new {
            let proof = consistency(old, new, |l, i| log.nodes.get(&(l, i)).copied())
                .expect("nodes are kept");
            let (a, b) = (
                log.heads[old as usize].root(),
                log.heads[new as usize].root(),
            );
            assert!(verify_consistency(old, a, new, b, &proof), "{old} to {new}");
            let mut rewritten = a;
            rewritten[31] ^= 1;
            assert!(!verify_consistency(old, rewritten, new, b, &proof));
        }
    }
}

#[test]
fn a_receipt_holds_until_a_part_of_it_changes() {
    let log = log(23);
    let key = [9u8; 32];
    let vkey = checkpoint::vkey("yifa/1", &key);
    let proof = inclusion(23, 11, |l, i| log.nodes.get(&(l, i)).copied()).expect("nodes are kept");
    let receipt = Receipt {
        entry: log.entries[11].clone(),
        salt: "07".repeat(32),
        index: 11,
        proof: proof.iter().map(|h| ledger::hex(h)).collect(),
        checkpoint: checkpoint::sign("yifa/1", 23, &log.heads[23].root(), &key),
    };
    assert_eq!(receipt.verify(&vkey), Ok(()));
    let altered = [
        Receipt {
            entry: receipt.entry.replace("11", "12"),
            ..receipt.clone()
        },
        Receipt {
            salt: "08".repeat(32),
            ..receipt.clone()
        },
        Receipt {
            index: 12,
            ..receipt.clone()
        },
        Receipt {
            proof: receipt.proof[1..].to_vec(),
            ..receipt.clone()
        },
        Receipt {
            checkpoint: receipt.checkpoint.replace("23", "24"),
            ..receipt.clone()
        },
    ];
    for (i, receipt) in altered.iter().enumerate() {
        assert!(
            receipt.verify(&vkey).is_err(),
            "alteration {i} was not noticed"
        );
    }
    assert!(
        receipt
            .verify(&checkpoint::vkey("yifa/1", &[8u8; 32]))
            .is_err(),
        "another key"
    );
}

#[test]
fn no_receipt_survives_one_changed_bit() {
    let log = log(5);
    let key = [9u8; 32];
    let vkey = checkpoint::vkey("yifa/1", &key);
    let proof = inclusion(5, 2, |l, i| log.nodes.get(&(l, i)).copied()).expect("nodes are kept");
    let receipt = Receipt {
        entry: log.entries[2].clone(),
        salt: "07".repeat(32),
        index: 2,
        proof: proof.iter().map(|h| ledger::hex(h)).collect(),
        checkpoint: checkpoint::sign("yifa/1", 5, &log.heads[5].root(), &key),
    };
    let text = serde_json::to_vec(&receipt).expect("a receipt can be written");
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut altered = text.clone();
            altered[at] ^= 1 << bit;
            let holds = serde_json::from_slice::<Receipt>(&altered)
                .is_ok_and(|receipt| receipt.verify(&vkey).is_ok());
            assert!(!holds, "bit {bit} of byte {at} was not noticed");
        }
    }
}

#[test]
fn a_cosignature_is_read_as_the_specification_shows_it() {
    // The example of C2SP tlog-cosignature: the text, and a witness key of our own.
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let note = format!(
        "{text}\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    );
    let (name, key) = ("witness.example.com/w1", [3u8; 32]);
    let vkey = cosignature::vkey(name, &key);
    let line = cosignature::sign(name, &note, 1_679_315_147, &key).expect("a note");
    assert_eq!(cosignature::time(&note, &vkey), None);
    let signed = format!("{note}{line}");
    assert_eq!(cosignature::time(&signed, &vkey), Some(1_679_315_147));
    let grown = signed.replace("20852163", "20852164");
    assert_eq!(cosignature::time(&grown, &vkey), None);
    let as_log = vkey.replace("+BA", "+AQ");
    assert_eq!(checkpoint::open(&signed, &as_log), None, "kinds are apart");
}

#[test]
fn a_wrong_line_under_the_logs_name_spoils_the_note() {
    let (good, root) = ([9u8; 32], [1u8; 32]);
    let vkey = checkpoint::vkey("yifa/1", &good);
    let note = checkpoint::sign("yifa/1", 7, &root, &good);
    let foreign = checkpoint::sign("yifa/2", 7, &root, &[8; 32]);
    let other = foreign.lines().last().expect("a signature line");
    assert!(checkpoint::open(&format!("{note}{other}\n"), &vkey).is_some());
    let older = checkpoint::sign("yifa/1", 6, &root, &good);
    let wrong = older.lines().last().expect("a signature line");
    assert_eq!(checkpoint::open(&format!("{note}{wrong}\n"), &vkey), None);
}

#[test]
fn the_documented_entry_is_encoded_as_documented() {
    let page = include_str!("../../../docs/ledger-format.md");
    let entry = entry(0, "{}");
    let commitment = entry.commitment(&[0; 32]);
    for vector in [
        entry.canonical(),
        ledger::hex(&commitment),
        ledger::hex(&leaf_hash(&commitment)),
    ] {
        assert!(page.contains(&format!("`{vector}`")), "{vector}");
    }
}
