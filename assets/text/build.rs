//! The catalogue is read by a macro, which Cargo cannot see: tell it to build again when words change.

fn main() {
    println!("cargo:rerun-if-changed=locales");
}
