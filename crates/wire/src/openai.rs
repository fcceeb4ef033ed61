//! OpenAI's JSON and that of all who copy it.
