//! An export as Parquet: groups of rows, written as soon as one is full, and at the end what says where they lie.

use std::io::{self, Write};
use std::sync::Arc;

use gatehouse_types::Timestamp;
use parking_lot::Mutex;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::columns::{COLUMNS, Kind, Record};

/// How many rows a group has at most.
const GROUP_ROWS: usize = 20_000;
/// From how many bytes on a group is full.
const GROUP_BYTES: usize = 16 << 20;

/// A file that is being written, and the part of it that was not sent yet.
pub(super) struct ParquetExport {
    file: SerializedFileWriter<Part>,
    part: Part,
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

/// What was written since it was taken last.
#[derive(Clone, Default)]
struct Part(Arc<Mutex<Vec<u8>>>);

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The values of a column in the group that is being filled; what is unknown is in `levels` only, as 0.
struct Values {
    name: &'static str,
    kind: Kind,
    levels: Vec<i16>,
    known: Known,
}

enum Known {
    Texts(Vec<ByteArray>),
    Wholes(Vec<i64>),
    Reals(Vec<f64>),
    Flags(Vec<bool>),
}

impl ParquetExport {
    pub(super) fn new() -> Result<Self, ParquetError> {
        let fields = COLUMNS.iter().map(|(name, kind)| field(name, *kind).map(Arc::new));
        let schema =
            Type::group_type_builder("call").with_fields(fields.collect::<Result<_, _>>()?).build()?;
        let compression = Compression::ZSTD(ZstdLevel::try_new(3)?);
        let properties = WriterProperties::builder().set_compression(compression).build();
        let part = Part::default();
        let file = SerializedFileWriter::new(part.clone(), Arc::new(schema), Arc::new(properties))?;
        let columns = COLUMNS.iter().map(|(name, kind)| Values::new(name, *kind)).collect();
        Ok(Self { file, part, columns, rows: 0, bytes: 0 })
    }

    /// Adds a row, and writes the group when it is full.
    pub(super) fn add(&mut self, record: &Record) -> Result<(), ParquetError> {
        self.bytes += self.columns.iter_mut().map(|column| column.add(record)).sum::<usize>();
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES { self.write_group() } else { Ok(()) }
    }

    /// Returns what can be sent.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.part.0.lock())
    }

    /// Writes what is left, and the end of the file.
    pub(super) fn finish(&mut self) -> Result<(), ParquetError> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.file.finish().map(drop)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            let Some(writer) = group.next_column()? else { continue };
            column.write(writer)?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

fn field(name: &str, kind: Kind) -> Result<Type, ParquetError> {
    let utc = LogicalType::Timestamp { is_adjusted_to_u_t_c: true, unit: TimeUnit::MICROS };
    let (physical, logical) = match kind {
        Kind::Text | Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Time => (Physical::INT64, Some(utc)),
        Kind::Whole => (Physical::INT64, None),
        Kind::Real => (Physical::DOUBLE, None),
        Kind::Flag => (Physical::BOOLEAN, None),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

impl Values {
    fn new(name: &'static str, kind: Kind) -> Self {
        let known = match kind {
            Kind::Text | Kind::Json => Known::Texts(Vec::new()),
            Kind::Time | Kind::Whole => Known::Wholes(Vec::new()),
            Kind::Real => Known::Reals(Vec::new()),
            Kind::Flag => Known::Flags(Vec::new()),
        };
        Self { name, kind, levels: Vec::new(), known }
    }

    /// Adds the value of a row and returns about how many bytes it takes.
    fn add(&mut self, record: &Record) -> usize {
        let (is_known, bytes) = match &mut self.known {
            Known::Texts(texts) => {
                let text = record.text(self.name);
                let bytes = text.as_ref().map_or(0, String::len);
                (push(texts, text.map(|text| ByteArray::from(text.into_bytes()))), bytes)
            }
            Known::Wholes(numbers) if self.kind == Kind::Time => {
                let time = record.text(self.name).and_then(|text| Timestamp::parse(&text));
                (push(numbers, time.map(Timestamp::as_unix_micros)), 8)
            }
            Known::Wholes(numbers) => (push(numbers, record.whole(self.name)), 8),
            Known::Reals(numbers) => (push(numbers, record.real(self.name)), 8),
            Known::Flags(flags) => (push(flags, record.flag(self.name)), 1),
        };
        self.levels.push(i16::from(is_known));
        bytes
    }

    fn write(&mut self, column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = std::mem::take(&mut self.levels);
        match &mut self.known {
            Known::Texts(texts) => write::<ByteArrayType>(column, &std::mem::take(texts), &levels),
            Known::Wholes(numbers) => write::<Int64Type>(column, &std::mem::take(numbers), &levels),
            Known::Reals(numbers) => write::<DoubleType>(column, &std::mem::take(numbers), &levels),
            Known::Flags(flags) => write::<BoolType>(column, &std::mem::take(flags), &levels),
        }
    }
}

fn push<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let is_known = value.is_some();
    values.extend(value);
    is_known
}

fn write<T: DataType>(
    mut column: SerializedColumnWriter<'_>,
    values: &[T::T],
    levels: &[i16],
) -> Result<(), ParquetError> {
    column.typed::<T>().write_batch(values, Some(levels), None)?;
    column.close()
}
