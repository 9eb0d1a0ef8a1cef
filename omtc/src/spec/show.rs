//! Values as expressions of the language: what a tool has found, written so that a scenario can say it again.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a rule names the types it is for, all others are written as they are"
)]

use omt_runtime::ir::{Protocol, Type};
use omt_runtime::value::{Map, RecordValue, Value};

/// A value in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The expression; in angle brackets where there is none.
    pub text: String,
    /// Does the text mean this very value, wherever a value of the type is wanted in a scenario? The language has no way
    /// to write a hash, a signature, a block, a signed message, a chain, a proof, octets that are no text, or a text
    /// with a quotation mark or a line end; a value that holds one of these is shown for people only.
    pub exact: bool,
}

/// What values are called where the text will stand.
pub struct Names<'a> {
    /// Names of particular values: a member of the cast for its `peer_id`, `alice.session` for a hash, … Asked first.
    pub known: &'a dyn Fn(&Value) -> Option<String>,
    /// What `NOW()` is there, in microseconds since 1970.
    pub now: i64,
}

/// Units of time, the longest first.
const UNITS: &[(i128, &str)] = &[
    (86_400_000_000, "days"),
    (3_600_000_000, "hours"),
    (60_000_000, "minutes"),
    (1_000_000, "seconds"),
    (1_000, "milliseconds"),
    (1, "microseconds"),
];

/// Writes a value of a type of that protocol as an expression.
///
/// The text parses, and evaluates to the same value where its type is wanted (an argument of a trigger, a field of a
/// message, …), if [`Shown::exact`] says so.
pub fn show(value: &Value, ty: &Type, protocol: &Protocol, names: &Names<'_>) -> Shown {
    let mut writer = Writer { protocol, names, exact: true };
    let text = writer.value(value, ty);
    Shown { text, exact: writer.exact }
}

struct Writer<'a> {
    protocol: &'a Protocol,
    names: &'a Names<'a>,
    exact: bool,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, ty: &Type) -> String {
        if let Some(name) = (self.names.known)(value) {
            return name;
        }
        let ty = match ty {
            Type::Optional(inner) | Type::Secret(inner) => inner.as_ref(),
            other => other,
        };
        match value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => self.integer(*value, ty),
            Value::Float(value) => {
                let text = value.to_string();
                if text.contains('.') { text } else { format!("{text}.0") }
            }
            Value::Text(text) => self.quoted(text),
            Value::Enum(name) => name.to_string(),
            Value::Bytes(bytes) => match std::str::from_utf8(&bytes.0) {
                // Where bytes are wanted, a text stands for its octets.
                Ok(text) if matches!(ty, Type::Bytes) => self.quoted(text),
                _ => self.opaque(&format!("{} octets", bytes.0.len())),
            },
            Value::List(items) => {
                let item = if let Type::List(item) = ty { item.as_ref() } else { &Type::Any };
                let items: Vec<String> = items.iter().map(|value| self.value(value, item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(map) => self.map(map, ty),
            Value::Record(record) => self.record(record, ty),
            Value::Hash(hash) => self.opaque(&format!("hash {hash}")),
            Value::Peer(peer) => self.opaque(&format!("peer {peer}")),
            Value::Signature(_) => self.opaque("signature"),
            Value::Block(block) => self.opaque(&format!("block {}", block.raw().hash())),
            Value::Signed(signed) => self.opaque(&format!("signed {}", signed.envelope().message)),
            Value::Segment(chain) => {
                self.opaque(&format!("chain of {} to {}", chain.author(), chain.height()))
            }
            Value::Equivocation(_) => self.opaque("equivocation"),
            Value::Rng(_) => self.opaque("generator"),
        }
    }

    fn opaque(&mut self, what: &str) -> String {
        self.exact = false;
        format!("<{what}>")
    }

    /// The language has no escapes.
    fn quoted(&mut self, text: &str) -> String {
        if text.contains(['"', '\n', '\r']) {
            self.exact = false;
        }
        format!("\"{text}\"")
    }

    fn integer(&self, value: i128, ty: &Type) -> String {
        match ty {
            Type::Duration => duration(value),
            Type::Timestamp => {
                let since = value.saturating_sub(self.names.now.into());
                match since {
                    0 => "NOW()".to_owned(),
                    1.. => format!("NOW() + {}", duration(since)),
                    _ => format!("NOW() - {}", duration(since.saturating_neg())),
                }
            }
            _ => value.to_string(),
        }
    }

    fn map(&mut self, map: &Map<Value, Value>, ty: &Type) -> String {
        let any = (Type::Any, Type::Any);
        let (key_ty, value_ty) =
            if let Type::Map(key, value) = ty { (&**key, &**value) } else { (&any.0, &any.1) };
        let mut written = Vec::new();
        for (key, value) in map.iter() {
            let key = match key {
                Value::Text(text) if is_name(text) => text.to_string(),
                other => self.value(other, key_ty),
            };
            written.push((key, self.value(value, value_ty)));
        }
        if written.is_empty() {
            return "{}".to_owned();
        }
        if written.iter().all(|(key, _)| is_name(key)) {
            let entries: Vec<String> = written.iter().map(|(key, value)| format!("{key} {value}")).collect();
            return format!("{{ {} }}", entries.join(", "));
        }
        written.iter().fold("{}".to_owned(), |map, (key, value)| format!("WITH({map}, {key}, {value})"))
    }

    fn record(&mut self, record: &RecordValue, ty: &Type) -> String {
        let declared = match ty {
            Type::Struct(name) => self.protocol.structs.get(name).map(|record| &record.fields),
            Type::Message(name) => self.protocol.messages.get(name).map(|message| &message.fields),
            Type::BlockPayload(name) => self.protocol.blocks.get(name).map(|block| &block.fields),
            _ => None,
        };
        let mut fields = Vec::new();
        match declared {
            Some(declared) => {
                for (name, field) in omt_runtime::ir::in_order(declared) {
                    let value = record.get(name).cloned().unwrap_or(Value::Null);
                    fields.push(format!("{name} {}", self.value(&value, &field.ty)));
                }
            }
            None => {
                for (name, value) in record.iter() {
                    fields.push(format!("{name} {}", self.value(value, &Type::Any)));
                }
            }
        }
        let name = match ty {
            Type::Struct(name) | Type::Message(name) | Type::BlockPayload(name) if is_name(name) => name,
            _ => "",
        };
        let record = if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) };
        if name.is_empty() { record } else { format!("{name} {record}") }
    }
}

/// `90 seconds`: a whole number of the longest unit that fits.
pub fn duration(micros: i128) -> String {
    let unit = UNITS.iter().find(|(unit, _)| micros.checked_rem(*unit) == Some(0));
    let (unit, word) = unit.copied().unwrap_or((1, "microseconds"));
    let word = if micros == 0 { "seconds" } else { word };
    format!("{} {word}", micros.checked_div(unit).unwrap_or(micros))
}

/// Is it one identifier?
fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
