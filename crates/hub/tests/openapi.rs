//! The committed OpenAPI document is the one the routes make.
//!
//! After a change on purpose: `FLOORWIRE_UPDATE_OPENAPI=1 cargo nextest run -p floorwire-hub --test openapi`.

use std::path::Path;

#[test]
fn the_committed_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let made = floorwire_hub::api::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("FLOORWIRE_UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "openapi.json differs from the routes; run with FLOORWIRE_UPDATE_OPENAPI=1, look at the difference, commit it"
    );
}
