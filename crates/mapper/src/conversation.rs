//! What was said in a call, in one schema for all dialects.
