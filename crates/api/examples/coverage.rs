//! Prints `docs/api-coverage.md`.

#[expect(clippy::print_stdout, reason = "the page is what this prints")]
fn main() -> Result<(), String> {
    let page =
        gatehouse_api::coverage::markdown().map_err(|missing| format!("no reason given for {missing:?}"))?;
    print!("{page}");
    Ok(())
}
