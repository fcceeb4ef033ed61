//! One content encoding, undone step by step: whatever part of the body is there, and never more output at once
//! than there is room for.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, InBuffer, Operation, OutBuffer};

use super::gzip::Gzip;

/// The largest zstd window that a content encoding may ask for, as a power of two (8 MiB, RFC 9659).
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// What one step did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// How many bytes of the input it took.
    pub(super) read: usize,
    /// How many bytes of the output it filled.
    pub(super) written: usize,
    /// Where the encoding stands now.
    pub(super) state: State,
}

/// Where an encoding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The body may end here, and may go on.
    Between,
    /// More has to come.
    Within,
    /// The body has ended; what follows is none of it.
    Ended,
    /// The body is damaged; nothing more can be read of it.
    Damaged,
}

/// The decoder of one encoding.
pub(super) enum Layer {
    Gzip(Box<Gzip>),
    Deflate(Box<Deflate>),
    Brotli(Box<Brotli>),
    Zstd(Box<zstd::stream::raw::Decoder<'static>>),
}

impl Layer {
    /// Returns the decoder of the encoding called `name`; `None` when it is not known.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Self::Gzip(Box::default()),
            "deflate" => Self::Deflate(Box::default()),
            "br" => {
                let state = BrotliState::new(
                    StandardAlloc::default(),
                    StandardAlloc::default(),
                    StandardAlloc::default(),
                );
                Self::Brotli(Box::new(Brotli(state)))
            }
            "zstd" => {
                let mut decoder = zstd::stream::raw::Decoder::new().ok()?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG_MAX)).ok()?;
                Self::Zstd(Box::new(decoder))
            }
            _ => return None,
        })
    }

    /// Decodes some of `input` into `output`, as far as either goes.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self {
            Self::Gzip(gzip) => gzip.step(input, output),
            Self::Deflate(deflate) => deflate.step(input, output),
            Self::Brotli(brotli) => brotli.step(input, output),
            Self::Zstd(decoder) => step_zstd(decoder, input, output),
        }
    }
}

/// Inflates some of `input`.
pub(super) fn inflate(inflater: &mut Decompress, input: &[u8], output: &mut [u8]) -> Step {
    let (read_before, written_before) = (inflater.total_in(), inflater.total_out());
    let status = inflater.decompress(input, output, FlushDecompress::None);
    let since = |now: u64, before: u64| usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX);
    Step {
        read: since(inflater.total_in(), read_before).min(input.len()),
        // What came before the damage counts.
        written: since(inflater.total_out(), written_before).min(output.len()),
        state: match status {
            Ok(Status::StreamEnd) => State::Ended,
            Ok(Status::Ok | Status::BufError) => State::Within,
            Err(_) => State::Damaged,
        },
    }
}

/// `deflate` means zlib's frame, but bare deflate is sent too: the first two bytes tell.
#[derive(Default)]
pub(super) struct Deflate {
    first: Option<u8>,
    inflater: Option<Decompress>,
}

impl Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        if let Some(inflater) = &mut self.inflater {
            return inflate(inflater, input, output);
        }
        let Some(&byte) = input.first() else { return Step { read: 0, written: 0, state: State::Within } };
        let Some(method) = self.first else {
            self.first = Some(byte);
            return Step { read: 1, written: 0, state: State::Within };
        };
        let is_zlib = method & 0x0f == 8 && (u16::from(method) << 8 | u16::from(byte)) % 31 == 0;
        let inflater = self.inflater.insert(Decompress::new(is_zlib));
        let first = inflate(inflater, &[method, byte], output);
        Step { read: 1, ..first }
    }
}

/// Brotli's decoder.
pub(super) struct Brotli(BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>);

impl Brotli {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (mut available_in, mut read) = (input.len(), 0);
        let (mut available_out, mut written, mut total) = (output.len(), 0, 0);
        let result = BrotliDecompressStream::<StandardAlloc, StandardAlloc, StandardAlloc>(
            &mut available_in,
            &mut read,
            input,
            &mut available_out,
            &mut written,
            output,
            &mut total,
            &mut self.0,
        );
        let state = match result {
            BrotliResult::ResultSuccess => State::Ended,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => State::Within,
            BrotliResult::ResultFailure => State::Damaged,
        };
        Step { read, written, state }
    }
}

fn step_zstd(decoder: &mut zstd::stream::raw::Decoder<'static>, input: &[u8], output: &mut [u8]) -> Step {
    let mut input = InBuffer::around(input);
    let mut output = OutBuffer::around(output);
    let remaining = decoder.run(&mut input, &mut output);
    let state = match remaining {
        Ok(0) => State::Between,
        Ok(_) => State::Within,
        Err(_) => State::Damaged,
    };
    Step { read: input.pos(), written: output.pos(), state }
}
