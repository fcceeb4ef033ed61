//! Mappings: where the API of an unknown provider says what, as a document that is inferred from samples.
