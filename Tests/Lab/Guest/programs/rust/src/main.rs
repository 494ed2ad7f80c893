//! Prints for each line that it reads a token of each of these generators, in the order that they were named in.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::io::BufRead;

fn draw() -> String {
    let tokens = std::env::args().skip(1).map(|name| match name.as_str() {
        "rust-thread-rng" => format!("{:032x}", rand::random::<u128>()),
        // What its keys make of a text is all that can be seen of a map's keys.
        "rust-randomstate" => ["one", "two"].map(hash_of_new_map).concat(),
        _ => panic!("there is no generator {name}"),
    });
    tokens.collect::<Vec<_>>().join(" ")
}

fn hash_of_new_map(text: &str) -> String {
    let mut hasher = RandomState::new().build_hasher();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn main() {
    // What is seeded once is seeded before the snapshot.
    draw();
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        line.expect("a line");
        println!("{}", draw());
    }
}
