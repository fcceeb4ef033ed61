//! What a query body may hold, and what each wrong one is told.
