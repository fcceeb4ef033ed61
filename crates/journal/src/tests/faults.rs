//! One fault at a time.

use super::*;
use crate::segment::HEADER_BYTES;
use crate::{AckError, AppendError, JournalError, Position};

/// Appends and waits until it is durable.
fn put(journal: &Journal, numbers: std::ops::Range<u64>) {
    for number in numbers {
        wait(append(journal, number, 100).durable()).unwrap();
    }
}

#[test]
fn records_written_before_a_failed_fsync_are_written_anew_and_delivered_once() {
    let disk = SimDisk::new(1);
    let (journal, _) = open(&disk, options());
    let mut reader = journal.reader("log", None).unwrap();
    put(&journal, 0..3);
    disk.faults(|faults| faults.failing_syncs = 2);
    let acks: Vec<_> = (3..30).map(|number| append(&journal, number, 100)).collect();
    assert_eq!(read_numbers(&mut reader, 30), (0..30).collect::<Vec<_>>());
    acks.into_iter().for_each(|ack| wait(ack.durable()).unwrap());
    until(|| journal.stats().healthy);
    assert!(journal.stats().write_errors >= 2);
    assert_eq!(journal.stats().corruptions, 0);
    drop((journal, reader));
    let (journal, _) = open(&disk.crash(), options());
    let mut reader = journal.reader("log", None).unwrap();
    assert_eq!(read_numbers(&mut reader, 30), (0..30).collect::<Vec<_>>());
}

#[test]
fn reader_that_saw_records_before_a_failed_fsync_sees_none_twice() {
    let disk = SimDisk::new(3);
    let (journal, _) = open(&disk, options());
    let mut reader = journal.reader("log", None).unwrap();
    let mut seen = Vec::new();
    for number in 0..200 {
        if number % 10 == 0 {
            disk.faults(|faults| faults.failing_syncs = 1);
        }
        drop(append(&journal, number, 60));
        seen.extend(read_numbers(&mut reader, 1));
    }
    assert_eq!(seen, (0..200).collect::<Vec<_>>());
}

#[test]
fn failed_read_loses_none_of_the_records_read_before_it() {
    let disk = SimDisk::new(2);
    let (journal, _) = open(&disk, options());
    put(&journal, 0..60);
    assert!(journal.stats().segments > 2);
    let mut reader = journal.reader("log", None).unwrap();
    let mut seen = vec![number(&reader.next_batch(1, usize::MAX).unwrap()[0].payload)];
    // The first segment is in memory by now, the second is not.
    disk.faults(|faults| faults.failing_reads = 2);
    let before = reader.next_batch(usize::MAX, usize::MAX).unwrap();
    assert_eq!(reader.position(), before.last().unwrap().end);
    seen.extend(before.iter().map(|record| number(&record.payload)));
    let at = reader.position();
    let error = reader.next_batch(usize::MAX, usize::MAX).unwrap_err();
    assert!(matches!(error, JournalError::Io { action: "read", .. }), "{error}");
    assert_eq!(reader.position(), at);
    assert!(seen.len() < 60);
    seen.extend(read_numbers(&mut reader, 60 - seen.len()));
    assert_eq!(seen, (0..60).collect::<Vec<_>>());
}

#[test]
fn partial_write_is_cut_off_and_tried_again() {
    let disk = SimDisk::new(2);
    let (journal, _) = open(&disk, options());
    put(&journal, 0..1);
    for cuts in [0, 1] {
        disk.faults(|faults| (faults.failing_writes, faults.failing_cuts) = (1, cuts));
        let first = 1 + 20 * cuts as u64;
        put(&journal, first..first + 20);
    }
    let mut reader = journal.reader("log", None).unwrap();
    assert_eq!(read_numbers(&mut reader, 41), (0..41).collect::<Vec<_>>());
    assert_eq!(journal.stats().corruptions, 0);
}

#[test]
fn short_writes_are_continued() {
    let disk = SimDisk::new(2);
    disk.faults(|faults| faults.longest_write = Some(7));
    let (journal, _) = open(&disk, options());
    put(&journal, 0..20);
    let mut reader = journal.reader("log", None).unwrap();
    assert_eq!(read_numbers(&mut reader, 20), (0..20).collect::<Vec<_>>());
    assert_eq!(journal.stats().write_errors, 0);
}

#[test]
fn full_disk_keeps_records_in_memory_until_it_is_freed_and_then_refuses() {
    let disk = SimDisk::new(2);
    let (journal, _) = open(&disk, strict());
    put(&journal, 0..2);
    disk.faults(|faults| faults.free = Some(150));
    let mut acks = Vec::new();
    let refusal = loop {
        match journal.append(vec![Bytes::from(payload(2 + acks.len() as u64, 1000))]) {
            Ok(ack) => acks.push(ack),
            Err(refusal) => break refusal,
        }
    };
    assert!(matches!(refusal, AppendError::QueueFull { .. }), "{refusal}");
    until(|| !journal.has_room() && !journal.stats().healthy);
    assert!(journal.stats().last_error.unwrap().contains("no storage space"));
    let dropped = journal.stats().dropped_records;
    assert_eq!(dropped, 1);
    disk.faults(|faults| faults.free = None);
    let count = acks.len() + 2;
    acks.into_iter().for_each(|ack| wait(ack.durable()).unwrap());
    let mut reader = journal.reader("log", None).unwrap();
    assert_eq!(read_numbers(&mut reader, count), (0..count as u64).collect::<Vec<_>>());
    put(&journal, 500..501);
    until(|| journal.has_room() && journal.stats().healthy);
}

#[test]
fn commit_frees_a_full_disk_although_its_cursor_finds_no_space() {
    let disk = SimDisk::new(2);
    let (journal, _) = open(&disk, options());
    let mut reader = journal.reader("log", None).unwrap();
    put(&journal, 0..60);
    assert!(journal.stats().segments > 2);
    read_numbers(&mut reader, 60);
    disk.faults(|faults| faults.free = Some(0));
    reader.commit(reader.position()).unwrap();
    assert_eq!(journal.stats().segments, 1);
    put(&journal, 60..61);
}

#[test]
fn byte_cap_stops_the_writer_until_readers_have_passed() {
    let disk = SimDisk::new(2);
    let cap = 6000;
    let capped = JournalOptions { max_disk_bytes: cap, max_record_bytes: 1000, ..strict() };
    let (journal, _) = open(&disk, capped);
    let mut slow = journal.reader("slow", None).unwrap();
    let mut fast = journal.reader("fast", None).unwrap();
    let acks: Vec<_> = (0..40).map(|number| append(&journal, number, 500)).collect();
    let mut done = 0;
    until(|| !journal.has_room());
    while done < 40 {
        let records = read(&mut fast);
        fast.commit(fast.position()).unwrap();
        assert!(journal.stats().bytes_on_disk <= cap);
        let positions: Vec<_> = records.iter().map(|record| record.position).collect();
        assert!(positions.is_sorted());
        done += records.len();
        while slow.position() < fast.position() {
            assert!(!read(&mut slow).is_empty());
        }
        slow.commit(slow.position()).unwrap();
    }
    acks.into_iter().for_each(|ack| wait(ack.durable()).unwrap());
    assert_eq!(journal.stats().dropped_records, 0);
    drop(append(&journal, 40, 8));
    until(|| journal.has_room());
}

#[test]
fn room_returns_when_all_is_read_although_nothing_is_appended() {
    let disk = SimDisk::new(2);
    let cap = 1016 + 3 * HEADER_BYTES;
    let capped = JournalOptions { max_disk_bytes: cap, max_record_bytes: 1000, ..strict() };
    let (journal, _) = open(&disk, capped);
    let mut reader = journal.reader("log", None).unwrap();
    wait(append(&journal, 0, 1000).durable()).unwrap();
    drop(append(&journal, 1, 1000));
    until(|| !journal.has_room());
    for _ in 0..2 {
        read_numbers(&mut reader, 1);
        reader.commit(reader.position()).unwrap();
    }
    until(|| journal.has_room());
}

#[test]
fn close_writes_what_is_queued_beyond_the_byte_cap() {
    let disk = SimDisk::new(2);
    let capped = JournalOptions { max_disk_bytes: 4000, max_record_bytes: 1000, ..options() };
    let (journal, _) = open(&disk, capped.clone());
    let acks: Vec<_> = (0..20).map(|number| append(&journal, number, 500)).collect();
    journal.close();
    journal.close();
    acks.into_iter().for_each(|ack| wait(ack.durable()).unwrap());
    assert_eq!(journal.append(vec![]).unwrap_err(), AppendError::Closed);
    assert!(matches!(journal.reader("log", None), Err(JournalError::Closed)));
    let (journal, recovery) = open(&disk.crash(), capped);
    assert_eq!((recovery.records, recovery.torn_bytes), (20, 0));
    let mut reader = journal.reader("log", None).unwrap();
    assert_eq!(read_numbers(&mut reader, 20), (0..20).collect::<Vec<_>>());
}

#[test]
fn close_gives_up_on_a_dead_disk_and_fails_the_acks() {
    let disk = SimDisk::new(2);
    let (journal, _) = open(&disk, options());
    put(&journal, 0..1);
    disk.faults(|faults| faults.power = Some(0));
    let ack = append(&journal, 1, 10);
    journal.close();
    assert_eq!(wait(ack.durable()), Err(AckError::Closed));
    assert_eq!(journal.stats().dropped_records, 1);
    assert!(!journal.stats().healthy);
}

#[test]
fn process_killed_with_the_power_on_loses_nothing_that_readers_saw() {
    let disk = SimDisk::new(2);
    let (journal, _) = open(&disk, options());
    let mut reader = journal.reader("log", None).unwrap();
    (0..50).for_each(|number| drop(append(&journal, number, 90)));
    read_numbers(&mut reader, 50);
    let (journal, recovery) = open(&disk.after_kill(), options());
    assert_eq!(recovery.records, 50);
    let mut reader = journal.reader("log", None).unwrap();
    assert_eq!(read_numbers(&mut reader, 50), (0..50).collect::<Vec<_>>());
}

#[test]
fn cursor_saved_elsewhere_never_points_into_records_written_after_a_crash() {
    for seed in 0..40 {
        let disk = SimDisk::new(seed);
        let (journal, _) = open(&disk, options());
        let mut reader = journal.reader("log", None).unwrap();
        disk.faults(|faults| faults.failing_syncs = 0);
        (0..20).for_each(|number| drop(append(&journal, number, 30)));
        read_numbers(&mut reader, 20);
        let elsewhere = reader.position();
        let (journal, _) = open(&disk.crash(), options());
        let mut reader = journal.reader("log", Some(elsewhere)).unwrap();
        put(&journal, 100..110);
        assert_eq!(read_numbers(&mut reader, 10), (100..110).collect::<Vec<_>>());
    }
}

#[test]
fn cursor_ahead_of_a_lost_directory_begins_anew_and_positions_jump_ahead_of_it() {
    let (journal, _) = open(&SimDisk::new(2), options());
    put(&journal, 0..3);
    let ahead = Position::from_u64(1 << 40);
    let mut reader = journal.reader("log", Some(ahead)).unwrap();
    assert_eq!(read_numbers(&mut reader, 3), [0, 1, 2]);
    put(&journal, 3..5);
    let records = read(&mut reader);
    assert!(records[0].position >= ahead);
    assert_eq!(number(&records[0].payload), 3);
}

#[test]
fn segment_with_a_damaged_header_is_read_by_the_key_of_the_others() {
    let disk = SimDisk::new(2);
    let (journal, _) = open(&disk, options());
    put(&journal, 0..60);
    journal.close();
    disk.damage("00000000000000000000.seg", |content| content[..128].fill(0xFF));
    let (journal, recovery) = open(&disk, options());
    assert_eq!(recovery.damaged_headers, 1);
    let mut reader = journal.reader("log", None).unwrap();
    assert_eq!(read_numbers(&mut reader, 60), (0..60).collect::<Vec<_>>());
}
