//! Is this canonical? One pass over the bytes, without recursion and without building anything.

use super::{ELEMENT_COUNT_MAX, NEST_DEPTH_MAX, Reason, SIZE_MAX, WireError, float};

/// How much is accepted from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes.
    pub size_max: usize,
    /// Arrays and maps inside each other.
    pub nest_depth_max: usize,
    /// Elements of one array, entries of one map.
    pub element_count_max: usize,
}

impl Limits {
    /// What a message may have (LANGUAGE 6.2).
    pub const MESSAGE: Limits =
        Limits { size_max: SIZE_MAX, nest_depth_max: NEST_DEPTH_MAX, element_count_max: ELEMENT_COUNT_MAX };
}

/// A container whose items are being read.
struct Frame {
    /// Items still to come; a map entry is two.
    remaining: usize,
    /// For a map: where its keys lie.
    keys: Option<Keys>,
}

#[derive(Default)]
struct Keys {
    previous: Option<(usize, usize)>,
    current: usize,
}

/// Accepts exactly what [`super::to_bytes`] can emit: one value in core deterministic form, within the limits.
pub fn check(bytes: &[u8], limits: &Limits) -> Result<(), WireError> {
    if bytes.len() > limits.size_max {
        return Err(WireError::new(limits.size_max, Reason::TooLarge(limits.size_max)));
    }
    let mut scan = Scan { bytes, at: 0 };
    let mut stack: Vec<Frame> = Vec::new();
    loop {
        if let Some(frame) = stack.last_mut()
            && frame.remaining % 2 == 0
            && let Some(keys) = &mut frame.keys
        {
            keys.current = scan.at;
        }
        let start = scan.at;
        if let Some(frame) = scan.item(limits)? {
            if stack.len() >= limits.nest_depth_max {
                return Err(WireError::new(start, Reason::TooDeep(limits.nest_depth_max)));
            }
            stack.push(frame);
        } else if let Some(frame) = stack.last_mut() {
            end_item(bytes, frame, scan.at)?;
        }
        // Containers that are complete are complete items of what they are in.
        while stack.last().is_some_and(|frame| frame.remaining == 0) {
            stack.pop();
            if let Some(parent) = stack.last_mut() {
                end_item(bytes, parent, scan.at)?;
            }
        }
        if stack.is_empty() {
            break;
        }
    }
    if scan.at < bytes.len() {
        return Err(WireError::new(scan.at, Reason::Trailing));
    }
    Ok(())
}

/// Notes that an item of the container ends here, and judges the order of keys if it was one.
fn end_item(bytes: &[u8], frame: &mut Frame, end: usize) -> Result<(), WireError> {
    let is_key = frame.remaining.is_multiple_of(2);
    frame.remaining -= 1;
    let Some(keys) = &mut frame.keys else { return Ok(()) };
    if !is_key {
        return Ok(());
    }
    let range = (keys.current, end);
    if let Some((from, to)) = keys.previous {
        match bytes.get(from..to).cmp(&bytes.get(range.0..range.1)) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Err(WireError::new(range.0, Reason::DuplicateKey)),
            std::cmp::Ordering::Greater => return Err(WireError::new(range.0, Reason::KeyOrder)),
        }
    }
    keys.previous = Some(range);
    Ok(())
}

struct Scan<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Scan<'b> {
    /// Reads the head of an item and, unless it is a container with items, the item. Gives the container.
    fn item(&mut self, limits: &Limits) -> Result<Option<Frame>, WireError> {
        let start = self.at;
        let fail = |reason| Err(WireError::new(start, reason));
        let [initial] = self.take::<1>(start)?;
        let (major, info) = (initial >> 5, initial & 0x1f);
        if major == 7 {
            return self.simple(start, info).map(|()| None);
        }
        if info == 31 {
            return fail(if matches!(major, 2..=5) { Reason::Indefinite } else { Reason::Malformed });
        }
        let argument = self.argument(start, info)?;
        match major {
            0 | 1 => Ok(None),
            2 | 3 => {
                let body = usize::try_from(argument)
                    .ok()
                    .and_then(|len| self.at.checked_add(len))
                    .and_then(|end| self.bytes.get(self.at..end));
                let Some(body) = body else { return fail(Reason::Truncated) };
                if major == 3 && std::str::from_utf8(body).is_err() {
                    return fail(Reason::Utf8);
                }
                self.at += body.len();
                Ok(None)
            }
            4 | 5 => {
                let max = limits.element_count_max;
                let Some(len) = usize::try_from(argument).ok().filter(|len| *len <= max) else {
                    return fail(Reason::TooManyElements(max));
                };
                let keys = (major == 5).then(Keys::default);
                let remaining = if major == 5 { len.saturating_mul(2) } else { len };
                Ok(Some(Frame { remaining, keys }))
            }
            _ => fail(Reason::Tag),
        }
    }

    fn simple(&mut self, start: usize, info: u8) -> Result<(), WireError> {
        let fail = |reason| Err(WireError::new(start, reason));
        let (value, shorter_exists) = match info {
            20..=22 => return Ok(()),
            25 => (float::from_half(u16::from_be_bytes(self.take(start)?)), false),
            26 => {
                let value = f64::from(f32::from_be_bytes(self.take(start)?));
                (value, !matches!(float::shortest(value), float::Shortest::Single(_)))
            }
            27 => {
                let value = f64::from_be_bytes(self.take(start)?);
                (value, !matches!(float::shortest(value), float::Shortest::Double(_)))
            }
            31 => return fail(Reason::Malformed),
            28..=30 => return fail(Reason::Malformed),
            _ => return fail(Reason::Simple),
        };
        if !value.is_finite() {
            return fail(Reason::NotFinite);
        }
        if value == 0.0 && value.is_sign_negative() {
            return fail(Reason::NegativeZero);
        }
        if shorter_exists {
            return fail(Reason::NotShortest);
        }
        Ok(())
    }

    /// The argument of a head (RFC 8949, 3), which must be in its shortest form.
    fn argument(&mut self, start: usize, info: u8) -> Result<u64, WireError> {
        let (value, least) = match info {
            0..=23 => return Ok(u64::from(info)),
            24 => (u64::from(u8::from_be_bytes(self.take(start)?)), 24),
            25 => (u64::from(u16::from_be_bytes(self.take(start)?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(self.take(start)?)), 1 << 16),
            27 => (u64::from_be_bytes(self.take(start)?), 1 << 32),
            _ => return Err(WireError::new(start, Reason::Malformed)),
        };
        if value < least {
            return Err(WireError::new(start, Reason::NotShortest));
        }
        Ok(value)
    }

    fn take<const N: usize>(&mut self, start: usize) -> Result<[u8; N], WireError> {
        let taken: Option<[u8; N]> =
            self.bytes.get(self.at..self.at.saturating_add(N)).and_then(|slice| slice.try_into().ok());
        let taken = taken.ok_or(WireError::new(start, Reason::Truncated))?;
        self.at += N;
        Ok(taken)
    }
}
