//! The append-only durable log of finished exchanges on local disk.
