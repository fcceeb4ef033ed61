//! The threads outlive what happens in a job.

use super::*;
use crate::Options;

#[tokio::test]
async fn a_panic_is_an_error_of_its_caller_and_of_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(Engine::new(Options::at(folder.path().join("log.duckdb"))));
    let workers = Workers::start(engine, 1).unwrap();
    for _ in 0..2 {
        let written = workers.write::<()>("break", |_, _| panic!("on purpose")).await.unwrap_err();
        let read = workers.read::<()>("break", |_| panic!("on purpose")).await.unwrap_err();
        assert!(!written.is_transient() && !read.is_transient(), "{written}, {read}");
    }
    assert_eq!(workers.write("work", |_, _| Ok(1)).await.unwrap(), 1);
    assert_eq!(workers.read("work", |_| Ok(2)).await.unwrap(), 2);
}
