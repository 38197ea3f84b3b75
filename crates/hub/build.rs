//! Makes cargo build again when something that is compiled in changes: migrations, and in release builds the web application.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../../web/dist");
    }
}
