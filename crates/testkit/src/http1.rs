//! HTTP/1.1 read exactly: field names and values as they came, chunk boundaries, and how a message broke off.
//!
//! The double reads requests with it and the raw client reads responses. It forgives nothing and hides nothing;
//! it is not a general HTTP implementation.

use std::fmt;
use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The most bytes that a head, a trailer section or a chunk-size line may have.
const LONGEST_BLOCK: usize = 4 << 20;
/// How much room is made for one read while a body flows.
const READ_SIZE: usize = 64 << 10;
/// How much room is made for one read while a connection is idle.
const IDLE_READ_SIZE: usize = 2 << 10;

/// One header or trailer field as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name in the case in which it came.
    pub name: String,
    /// The value without the white space around it; any bytes.
    pub value: Vec<u8>,
}

impl Field {
    /// Makes a field.
    pub fn new(name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// Fields in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<Field>);

impl Fields {
    /// Returns the first value of `name` (any case), as bytes.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value.as_slice())
    }

    /// Returns the first value of `name` (any case), each byte as one character (Latin-1).
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(latin1)
    }

    /// Returns every value of `name` (any case), in order.
    pub fn all(&self, name: &str) -> Vec<&[u8]> {
        let matching = self.0.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        matching.map(|field| field.value.as_slice()).collect()
    }

    /// Returns whether a comma-separated list in `name` contains `token` (any case).
    pub fn lists(&self, name: &str, token: &str) -> bool {
        self.all(name)
            .iter()
            .any(|value| latin1(value).split(',').any(|item| item.trim().eq_ignore_ascii_case(token)))
    }
}

/// Returns the bytes as text, one character a byte; the inverse of taking each character's code.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// How a message ended before its framing said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// The peer closed the connection in the orderly way (FIN; with TLS after a close_notify).
    Closed,
    /// The peer closed a TLS connection without a close_notify.
    Truncated,
    /// The peer reset the connection.
    Reset,
    /// The bytes are not HTTP/1.1.
    Malformed(String),
    /// Reading failed in another way.
    Failed(String),
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => formatter.write_str("connection closed"),
            Self::Truncated => formatter.write_str("connection closed without close_notify"),
            Self::Reset => formatter.write_str("connection reset"),
            Self::Malformed(what) => write!(formatter, "malformed: {what}"),
            Self::Failed(what) => write!(formatter, "read failed: {what}"),
        }
    }
}

impl std::error::Error for Broken {}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Self::Reset,
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// A byte source with a look-ahead buffer.
#[derive(Debug)]
pub struct Source<R> {
    io: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> Source<R> {
    /// Reads from `io`.
    pub fn new(io: R) -> Self {
        Self { io, buffer: BytesMut::new() }
    }

    /// Returns the reader and drops what was read ahead.
    pub fn into_inner(self) -> R {
        self.io
    }

    /// Returns how many bytes were read ahead.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Reads more into the look-ahead buffer; returns 0 at the end. Cancel-safe.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn fill(&mut self) -> Result<usize, Broken> {
        self.fill_by(IDLE_READ_SIZE).await
    }

    async fn fill_by(&mut self, room: usize) -> Result<usize, Broken> {
        self.buffer.reserve(room);
        Ok(self.io.read_buf(&mut self.buffer).await?)
    }

    /// Reads a head with its closing empty line; `None` when the peer closed before its first byte.
    ///
    /// # Errors
    /// When the connection ends inside the head, or the head is too long.
    pub async fn head(&mut self) -> Result<Option<Bytes>, Broken> {
        let mut searched = 0;
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n", searched) {
                return Ok(Some(self.buffer.split_to(end + 4).freeze()));
            }
            searched = self.buffer.len().saturating_sub(3);
            if self.buffer.len() > LONGEST_BLOCK {
                return Err(Broken::Malformed(format!("head over {LONGEST_BLOCK} bytes")));
            }
            if self.fill().await? == 0 {
                return if self.buffer.is_empty() { Ok(None) } else { Err(Broken::Closed) };
            }
        }
    }

    /// Reads one line and returns it without its CRLF.
    async fn line(&mut self) -> Result<Bytes, Broken> {
        let mut searched = 0;
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n", searched) {
                let line = self.buffer.split_to(end + 2).freeze();
                return Ok(line.slice(..end));
            }
            searched = self.buffer.len().saturating_sub(1);
            if self.buffer.len() > LONGEST_BLOCK {
                return Err(Broken::Malformed(format!("line over {LONGEST_BLOCK} bytes")));
            }
            if self.fill().await? == 0 {
                return Err(Broken::Closed);
            }
        }
    }

    /// Reads at least one and at most `most` bytes.
    async fn some(&mut self, most: u64) -> Result<Bytes, Broken> {
        if self.buffer.is_empty() && self.fill_by(READ_SIZE).await? == 0 {
            return Err(Broken::Closed);
        }
        let count = usize::try_from(most).unwrap_or(usize::MAX).min(self.buffer.len());
        Ok(self.buffer.split_to(count).freeze())
    }
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let rest = haystack.get(from..)?;
    rest.windows(needle.len()).position(|window| window == needle).map(|at| at + from)
}

/// Splits a head into its first line and its fields.
///
/// # Errors
/// When a line has no colon or a name is not ASCII.
pub fn parse_head(head: &[u8]) -> Result<(Vec<u8>, Fields), Broken> {
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let start = lines.next().unwrap_or_default().to_vec();
    let fields = lines.filter(|line| !line.is_empty()).map(parse_field).collect::<Result<_, _>>()?;
    Ok((start, Fields(fields)))
}

fn parse_field(line: &[u8]) -> Result<Field, Broken> {
    let mut halves = line.splitn(2, |byte| *byte == b':');
    let (Some(name), Some(value)) = (halves.next(), halves.next()) else {
        return Err(Broken::Malformed(format!("field without a colon: {:?}", latin1(line))));
    };
    let is_blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let start = value.iter().position(|byte| !is_blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(start, |at| at + 1);
    let name = String::from_utf8(name.to_vec())
        .map_err(|_| Broken::Malformed(format!("field name {:?}", latin1(name))))?;
    Ok(Field { name, value: value.get(start..end).unwrap_or_default().to_vec() })
}

/// A part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Content; `ends_chunk` when a chunk's boundary follows.
    Data {
        /// The bytes, never empty.
        bytes: Bytes,
        /// Whether a chunk ended with them.
        ends_chunk: bool,
    },
    /// The end, with the trailers of a chunked body.
    End(Fields),
}

/// What delimits a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// So many bytes are left.
    Length(u64),
    /// Chunks follow.
    Chunked {
        /// So many bytes are left of the present chunk.
        left: u64,
        /// Whether the line end behind the present chunk is still to be read.
        open: bool,
    },
    /// Everything until the peer closes.
    UntilClose,
}

impl Body {
    /// Determines a request's body.
    ///
    /// # Errors
    /// When `content-length` is not a number.
    pub fn of_request(fields: &Fields) -> Result<Self, Broken> {
        Ok(Self::declared(fields)?.unwrap_or(Self::Length(0)))
    }

    /// Determines the body of the answer with `status` to a request whose method was `HEAD` or another one.
    ///
    /// # Errors
    /// When `content-length` is not a number.
    pub fn of_response(status: u16, to_head: bool, fields: &Fields) -> Result<Self, Broken> {
        if to_head || status < 200 || status == 204 || status == 304 {
            return Ok(Self::Length(0));
        }
        Ok(Self::declared(fields)?.unwrap_or(Self::UntilClose))
    }

    fn declared(fields: &Fields) -> Result<Option<Self>, Broken> {
        if fields.lists("transfer-encoding", "chunked") {
            return Ok(Some(Self::Chunked { left: 0, open: false }));
        }
        let Some(length) = fields.text("content-length") else { return Ok(None) };
        let length = length.parse().map_err(|_| Broken::Malformed(format!("content-length {length:?}")))?;
        Ok(Some(Self::Length(length)))
    }

    /// Reads the next piece.
    ///
    /// # Errors
    /// When the body breaks off; see [`Broken`].
    pub async fn next<R: AsyncRead + Unpin>(&mut self, source: &mut Source<R>) -> Result<Piece, Broken> {
        match self {
            Self::Length(0) => Ok(Piece::End(Fields::default())),
            Self::Length(left) => {
                let bytes = source.some(*left).await?;
                *left -= bytes.len() as u64;
                Ok(Piece::Data { bytes, ends_chunk: false })
            }
            Self::Chunked { left, open } => next_of_chunked(left, open, source).await,
            Self::UntilClose => match source.some(u64::MAX).await {
                Ok(bytes) => Ok(Piece::Data { bytes, ends_chunk: false }),
                Err(Broken::Closed) => Ok(Piece::End(Fields::default())),
                Err(broken) => Err(broken),
            },
        }
    }
}

async fn next_of_chunked<R: AsyncRead + Unpin>(
    left: &mut u64,
    open: &mut bool,
    source: &mut Source<R>,
) -> Result<Piece, Broken> {
    if *left == 0 {
        if *open && !source.line().await?.is_empty() {
            return Err(Broken::Malformed("chunk longer than its size".to_owned()));
        }
        *open = false;
        let line = latin1(&source.line().await?);
        let size = line.split(';').next().unwrap_or_default().trim();
        *left =
            u64::from_str_radix(size, 16).map_err(|_| Broken::Malformed(format!("chunk size {line:?}")))?;
        if *left == 0 {
            return Ok(Piece::End(trailers(source).await?));
        }
        *open = true;
    }
    let bytes = source.some(*left).await?;
    *left -= bytes.len() as u64;
    Ok(Piece::Data { bytes, ends_chunk: *left == 0 })
}

async fn trailers<R: AsyncRead + Unpin>(source: &mut Source<R>) -> Result<Fields, Broken> {
    let mut fields = Vec::new();
    loop {
        let line = source.line().await?;
        if line.is_empty() {
            return Ok(Fields(fields));
        }
        fields.push(parse_field(&line)?);
    }
}
