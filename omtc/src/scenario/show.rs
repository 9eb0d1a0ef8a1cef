//! Values and times, for people and as JSON.

use super::picture::Picture;
use omt_runtime::id::PeerId;
use omt_runtime::value::Value;
use std::collections::BTreeMap;

/// Characters of a value that people are shown; the trace has all of it.
const TEXT_LENGTH_MAX: usize = 72;

/// Who is called what.
pub(super) struct Names<'a>(NamesOf<'a>);

enum NamesOf<'a> {
    Picture(&'a Picture),
    Map(&'a BTreeMap<PeerId, String>),
}

impl<'a> Names<'a> {
    pub fn new(picture: &'a Picture) -> Names<'a> {
        Names(NamesOf::Picture(picture))
    }

    pub fn of(names: &'a BTreeMap<PeerId, String>) -> Names<'a> {
        Names(NamesOf::Map(names))
    }

    fn peer(&self, id: &PeerId) -> String {
        match self.0 {
            NamesOf::Picture(picture) => picture.name(id),
            NamesOf::Map(names) => names.get(id).cloned().unwrap_or_else(|| id.short()),
        }
    }

    /// A value as it would stand in a source, cut short.
    pub fn value(&self, value: &Value) -> String {
        let mut text = String::new();
        self.write(value, &mut text);
        shortened(text)
    }

    /// The fields of a record, without braces, cut short.
    pub fn fields(&self, value: &Value) -> String {
        let mut text = String::new();
        if let Value::Record(record) = value {
            for (index, (name, value)) in record.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "  " });
                text.push_str(name);
                text.push(' ');
                self.write(value, &mut text);
            }
        }
        shortened(text)
    }

    fn write(&self, value: &Value, out: &mut String) {
        // Nobody reads more, and a chain of a thousand blocks takes its time.
        if out.len() > 4 * TEXT_LENGTH_MAX {
            return;
        }
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(&value.to_string()),
            Value::Int(value) => out.push_str(&value.to_string()),
            Value::Float(value) => out.push_str(&value.to_string()),
            Value::Text(text) => out.push_str(&format!("\"{text}\"")),
            Value::Bytes(bytes) => out.push_str(&bytes_text(bytes)),
            Value::Hash(hash) => out.push_str(&hash.short()),
            Value::Peer(peer) => out.push_str(&self.peer(peer)),
            Value::Signature(signature) => {
                out.push_str(&signature.to_string().chars().take(10).collect::<String>());
            }
            Value::Enum(name) => out.push_str(name),
            Value::List(list) => self.many(list.iter(), out),
            Value::Map(map) => {
                out.push('{');
                for (index, (key, value)) in map.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    self.write(key, out);
                    out.push(' ');
                    self.write(value, out);
                }
                out.push('}');
            }
            Value::Record(record) => {
                out.push('{');
                for (index, (name, value)) in record.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    out.push_str(name);
                    out.push(' ');
                    self.write(value, out);
                }
                out.push('}');
            }
            Value::Block(block) => out.push_str(&format!("block {}", block.hash().short())),
            Value::Signed(signed) => {
                out.push_str(&format!("signed by {}", self.peer(&signed.sender())));
            }
            Value::Segment(segment) => {
                let author = self.peer(&segment.author());
                out.push_str(&format!("{} blocks of {author}", segment.len()));
            }
            Value::Equivocation(proof) => {
                out.push_str(&format!("proof against {}", self.peer(&proof.author())));
            }
            Value::Rng(_) => out.push_str("rng"),
        }
    }

    fn many<'v>(&self, values: impl Iterator<Item = &'v Value>, out: &mut String) {
        out.push('[');
        for (index, value) in values.enumerate() {
            out.push_str(if index == 0 { "" } else { ", " });
            self.write(value, out);
        }
        out.push(']');
    }

    /// A value as JSON: peers by name, octets as hexadecimal text, chains by author, length and head.
    pub fn json(&self, value: &Value) -> serde_json::Value {
        use serde_json::{Value as Json, json};
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) => match (u64::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => json!(value),
                (_, Ok(value)) => json!(value),
                _ => json!(value.to_string()),
            },
            Value::Float(value) => json!(value),
            Value::Text(text) | Value::Enum(text) => json!(&**text),
            Value::Bytes(bytes) => json!(hexadecimal(bytes)),
            Value::Hash(hash) => json!(hash.to_string()),
            Value::Peer(peer) => json!(self.peer(peer)),
            Value::Signature(signature) => json!(signature.to_string()),
            Value::List(list) => Json::Array(list.iter().map(|value| self.json(value)).collect()),
            Value::Map(map) => {
                // Keys need not be texts.
                let pair = |(key, value)| json!([self.json(key), self.json(value)]);
                Json::Array(map.iter().map(pair).collect())
            }
            Value::Record(record) => {
                Json::Object(record.iter().map(|(n, value)| (n.to_string(), self.json(value))).collect())
            }
            Value::Block(block) => json!({ "block": block.hash().to_string() }),
            Value::Signed(signed) => json!({
                "sender": self.peer(&signed.sender()),
                "session": signed.session().to_string(),
                "payload": self.json(&signed.payload),
            }),
            Value::Segment(segment) => json!({
                "author": self.peer(&segment.author()),
                "blocks": segment.len(),
                "head": segment.head_hash().to_string(),
            }),
            Value::Equivocation(proof) => json!({ "against": self.peer(&proof.author()) }),
            Value::Rng(_) => Json::Null,
        }
    }
}

fn shortened(text: String) -> String {
    // Control characters would steer a terminal.
    let text: String = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if text.chars().count() <= TEXT_LENGTH_MAX {
        return text;
    }
    let mut short: String = text.chars().take(TEXT_LENGTH_MAX - 1).collect();
    short.push('…');
    short
}

fn bytes_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => format!("\"{text}\""),
        _ => format!(
            "{} bytes {}",
            bytes.len(),
            hexadecimal(bytes.get(..bytes.len().min(5)).unwrap_or_default())
        ),
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `12.050 s`: seconds to the millisecond, and to the microsecond where that says more.
pub fn seconds(micros: i64) -> String {
    let (whole, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    if rest % 1_000 == 0 { format!("{whole}.{:03}", rest / 1_000) } else { format!("{whole}.{rest:06}") }
}
