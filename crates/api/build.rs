//! Makes sure that a dashboard built after this crate is embedded by the next build.

/// Where the dashboard's build puts its files.
const DIST: &str = "../../web/dist";

fn main() {
    // A directory that does not exist can't be watched: cargo would take it for changed at every build.
    if let Err(error) = std::fs::create_dir_all(DIST) {
        println!("cargo::warning=cannot make {DIST}: {error}");
    }
    println!("cargo::rerun-if-changed={DIST}");
    println!("cargo::rerun-if-changed=build.rs");
}
