//! Random sequences of appends, reads, commits, faults, crashes and restarts against a simple model.
//!
//! The model knows which records were appended in what order and which of them were acked. After everything, what one
//! reader has been given over all lives of the journal must be: the original payloads, in order, none twice but those
//! that it had not committed before a restart, and every acked one that it had not been given before.

use std::collections::BTreeSet;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::{AppendError, Position};

#[derive(Debug, Clone)]
enum Step {
    Append {
        count: usize,
        length: usize,
    },
    /// Waits for all acks; only done while the disk works.
    AwaitAcks,
    Read {
        max_records: usize,
    },
    Commit,
    /// The power fails after so many more operations of the disk, and the journal starts again.
    Crash {
        operations: usize,
        appends: usize,
    },
    Kill,
    Restart,
    FailSyncs(usize),
    FailWrites {
        writes: usize,
        cuts: usize,
    },
    ShortWrites,
    FillDisk {
        free: usize,
    },
    Heal,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1_usize..12, 0_usize..700).prop_map(|(count, length)| Step::Append { count, length }),
        3 => Just(Step::AwaitAcks),
        4 => (1_usize..30).prop_map(|max_records| Step::Read { max_records }),
        2 => Just(Step::Commit),
        2 => (0_usize..25, 0_usize..20).prop_map(|(operations, appends)| Step::Crash { operations, appends }),
        1 => Just(Step::Kill),
        1 => Just(Step::Restart),
        1 => (1_usize..4).prop_map(Step::FailSyncs),
        1 => (1_usize..4, 0_usize..2).prop_map(|(writes, cuts)| Step::FailWrites { writes, cuts }),
        1 => Just(Step::ShortWrites),
        1 => (0_usize..2000).prop_map(|free| Step::FillDisk { free }),
        2 => Just(Step::Heal),
    ];
    prop::collection::vec(step, 1..60)
}

struct Model {
    disk: SimDisk,
    options: JournalOptions,
    journal: Journal,
    reader: Option<Reader>,
    next: u64,
    lengths: Vec<usize>,
    pending: Vec<(u64, Ack)>,
    acked: BTreeSet<u64>,
    /// Everything up to here, exclusively, was given to the reader in this life or committed in an earlier one.
    given: u64,
    committed: u64,
    /// As far as it has tried to commit, which may have happened although it failed.
    tried: u64,
    /// The last cursor that was surely saved.
    saved: Position,
    works: bool,
}

impl Model {
    fn new(seed: u64, options: JournalOptions) -> Self {
        let disk = SimDisk::new(seed);
        let (journal, _) = open(&disk, options.clone());
        let reader = Some(journal.reader("log", None).unwrap());
        Self {
            disk,
            options,
            journal,
            reader,
            next: 0,
            lengths: Vec::new(),
            pending: Vec::new(),
            acked: BTreeSet::new(),
            given: 0,
            committed: 0,
            tried: 0,
            saved: Position::default(),
            works: true,
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Append { count, length } => (0..*count).for_each(|_| self.append(*length)),
            Step::AwaitAcks => self.await_acks(),
            Step::Read { max_records } => self.read(*max_records),
            Step::Commit => self.commit(),
            Step::Crash { operations, appends } => {
                self.disk.faults(|faults| faults.power = Some(*operations));
                (0..*appends).for_each(|_| self.append(50));
                self.read_if_possible();
                let disk = self.disk.crash();
                self.restart(disk);
            }
            Step::Kill => {
                let disk = self.disk.after_kill();
                self.restart(disk);
            }
            Step::Restart => self.restart(self.disk.clone()),
            Step::FailSyncs(syncs) => self.disk.faults(|faults| faults.failing_syncs = *syncs),
            Step::FailWrites { writes, cuts } => {
                self.disk.faults(|faults| (faults.failing_writes, faults.failing_cuts) = (*writes, *cuts));
            }
            Step::ShortWrites => self.disk.faults(|faults| faults.longest_write = Some(13)),
            Step::FillDisk { free } => {
                self.works = false;
                self.disk.faults(|faults| faults.free = Some(*free));
            }
            Step::Heal => self.heal(),
        }
    }

    fn heal(&mut self) {
        self.works = true;
        self.disk.faults(|faults| *faults = Default::default());
    }

    fn append(&mut self, length: usize) {
        let number = self.next;
        match self.journal.append(vec![Bytes::from(payload(number, length))]) {
            Ok(ack) => {
                self.pending.push((number, ack));
                self.lengths.push(length);
                self.next += 1;
            }
            Err(refusal) => assert!(matches!(refusal, AppendError::QueueFull { .. }), "{refusal}"),
        }
    }

    fn await_acks(&mut self) {
        if !self.works {
            return;
        }
        for (number, ack) in std::mem::take(&mut self.pending) {
            // At the byte cap the reader makes room.
            let mut durable = pin!(ack.durable());
            let deadline = Instant::now() + PATIENCE;
            let outcome = loop {
                if let Poll::Ready(outcome) = durable.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    break outcome;
                }
                assert!(Instant::now() < deadline, "{:?}", self.journal.stats());
                self.read_if_possible();
                self.commit();
                std::thread::yield_now();
            };
            outcome.unwrap();
            self.acked.insert(number);
        }
    }

    /// Notes which acks were resolved by now; what is not resolved will never be.
    fn settle_acks(&mut self) {
        for (number, ack) in std::mem::take(&mut self.pending) {
            if wait(ack.durable()).is_ok() {
                self.acked.insert(number);
            }
        }
    }

    fn read(&mut self, max_records: usize) {
        let batch = self.reader.as_mut().unwrap().next_batch(max_records, 3000).unwrap();
        batch.iter().for_each(|record| self.check(record));
    }

    /// Reads although the power may fail.
    fn read_if_possible(&mut self) {
        if let Ok(batch) = self.reader.as_mut().unwrap().next_batch(5, 3000) {
            batch.iter().for_each(|record| self.check(record));
        }
    }

    fn check(&mut self, record: &Record) {
        let number = number(&record.payload);
        assert!(number >= self.given, "record {number} after {}", self.given);
        let length = self.lengths[usize::try_from(number).unwrap()];
        assert_eq!(record.payload, payload(number, length), "record {number}");
        for missed in self.given.max(self.tried)..number {
            assert!(
                !self.acked.contains(&missed),
                "record {missed} was acked and is missing before {number}"
            );
        }
        self.given = number + 1;
    }

    fn commit(&mut self) {
        let reader = self.reader.as_mut().unwrap();
        let position = reader.position();
        self.tried = self.tried.max(self.given);
        if reader.commit(position).is_ok() {
            self.committed = self.given;
            self.saved = position;
        }
    }

    fn restart(&mut self, disk: SimDisk) {
        self.reader = None;
        self.journal.close();
        self.settle_acks();
        self.disk = disk;
        self.heal();
        let (journal, _) = open(&self.disk, self.options.clone());
        self.journal = journal;
        let reader = self.journal.reader("log", None).unwrap();
        assert!(reader.position() >= self.saved, "the cursor went back");
        self.reader = Some(reader);
        self.given = self.committed;
    }

    /// Reads everything that there is.
    fn finish(mut self) {
        self.heal();
        self.journal.close();
        self.settle_acks();
        loop {
            let before = self.given;
            self.read(100);
            if self.given == before {
                break;
            }
        }
        for number in self.given.max(self.tried)..self.next {
            assert!(!self.acked.contains(&number), "record {number} was acked and is missing at the end");
        }
    }
}

fn run(steps: &[Step], seed: u64, options: JournalOptions) {
    let mut model = Model::new(seed, options);
    steps.iter().for_each(|step| model.take(step));
    model.finish();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, max_shrink_time: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn acked_records_survive_everything_once_and_in_order(steps in steps(), seed: u64) {
        run(&steps, seed, options());
    }

    #[test]
    fn acked_records_survive_everything_in_strict_mode(steps in steps(), seed: u64) {
        run(&steps, seed, strict());
    }

    #[test]
    fn acked_records_survive_everything_at_the_byte_cap(steps in steps(), seed: u64) {
        run(&steps, seed, JournalOptions { max_disk_bytes: 5000, max_record_bytes: 1000, ..options() });
    }
}
