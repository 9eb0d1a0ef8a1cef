//! What was verified, kept beside the sources: `verified.json` in the folder of a transaction.
//!
//! `omtc verify --record` writes it; the documentation shows it, and says so when the sources have changed since.
//! Neither the time that a run took nor its memory stand in it, so that the same exploration gives the same file.

use crate::sema::UnitFile;
use crate::source::SourceMap;
use crate::syntax::ast::Decl;
use crate::verify::{Finding, Limit, Outcome};
use omt_runtime::crypto::sha256;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Name of the file beside a `transaction.omt`.
pub const FILE: &str = "verified.json";
/// Larger files are not read: no exploration has that many scopes.
pub const BYTES_MAX: usize = 4 << 20;

/// Everything that was explored of one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verified {
    /// Of the form of this file.
    pub version: u32,
    /// Protocol id of what was explored.
    pub protocol: String,
    /// By name of the scope.
    pub scopes: BTreeMap<String, Scope>,
}

/// What an exploration of one scope came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Hash of the text of the scenario.
    pub source: String,
    /// Protocol ids of the other transactions that its scenario runs, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uses: BTreeMap<String, String>,
    /// What was taken for granted beyond what the scenario says: a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
    /// Was every run explored?
    pub complete: bool,
    /// What ended it before: `depth`, `time`, `memory`.
    pub limit: Option<String>,
    /// States that were reached.
    pub states: usize,
    /// Steps between them.
    pub transitions: u64,
    /// Steps of the longest shortest path.
    pub depth: u32,
    /// By name of the property.
    pub properties: BTreeMap<String, Property>,
}

/// What is known of one property in a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Hash of its text; empty for a built-in one.
    pub source: String,
    /// `always`, …; `built-in`.
    pub kind: String,
    /// `holds`, `not_refuted`, `violated`, `never`, `not_decided`.
    pub result: String,
}

impl Verified {
    /// Reads a file.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(bytes: &[u8]) -> Result<Verified, String> {
        if bytes.len() > BYTES_MAX {
            return Err(format!("it is larger than {} MiB", BYTES_MAX >> 20));
        }
        let read: Verified = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if read.version == 1 { Ok(read) } else { Err(format!("version {} is not known", read.version)) }
    }

    /// The bytes of a file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }

    /// Puts the outcome of a scope in the place of what was known of it. What was known of another version of the protocol
    /// is forgotten.
    pub fn put(&mut self, protocols: &Protocols, texts: &Texts, assumptions: &[String], outcome: &Outcome) {
        let Protocols { own: protocol, others } = protocols;
        if self.protocol != *protocol {
            self.scopes.clear();
        }
        self.version = 1;
        protocol.clone_into(&mut self.protocol);
        let mut assumptions = assumptions.to_owned();
        assumptions.extend(outcome.budget.as_ref().map(|budget| {
            format!("byzantine members are heard with at most {} messages in one run", budget.asked)
        }));
        let properties = outcome.verdicts.iter().map(|verdict| {
            let result = match verdict.result {
                Finding::Holds => "holds",
                Finding::NotRefuted => "not_refuted",
                Finding::Violated(_) => "violated",
                Finding::Never => "never",
                Finding::NotDecided(_) => "not_decided",
            };
            let property = Property {
                source: texts.properties.get(&verdict.property).cloned().unwrap_or_default(),
                kind: verdict.kind.to_owned(),
                result: result.to_owned(),
            };
            (verdict.property.clone(), property)
        });
        let scope = Scope {
            source: texts.scenarios.get(&outcome.scope).cloned().unwrap_or_default(),
            uses: others.clone(),
            assumptions,
            complete: outcome.limit.is_none(),
            limit: outcome.limit.map(|limit| {
                match limit {
                    Limit::Depth => "depth",
                    Limit::Time => "time",
                    Limit::Memory => "memory",
                    Limit::Sets => "sets",
                }
                .to_owned()
            }),
            states: outcome.counts.states,
            transitions: outcome.counts.transitions,
            depth: outcome.counts.depth,
            properties: properties.collect(),
        };
        self.scopes.insert(outcome.scope.clone(), scope);
    }

    /// What is known of a property of a protocol as it is now.
    pub fn of<'a>(&'a self, protocols: &Protocols, texts: &Texts, property: &str) -> Vec<Known<'a>> {
        let text = texts.properties.get(property).map(String::as_str).unwrap_or_default();
        let known = self.scopes.iter().filter_map(|(name, scope)| {
            let found = scope.properties.get(property)?;
            let current = self.protocol == protocols.own
                && scope.uses.iter().all(|(name, id)| protocols.others.get(name) == Some(id))
                && found.source == text
                && texts.scenarios.get(name).is_some_and(|text| *text == scope.source);
            Some(Known { name, scope, result: &found.result, current })
        });
        known.collect()
    }
}

/// Protocol ids of a transaction, and of others by their names below the protocol folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protocols {
    /// Of the transaction itself.
    pub own: String,
    /// Of others.
    pub others: BTreeMap<String, String>,
}

/// What is known of a property in one scope.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The scope.
    pub name: &'a str,
    /// How far it was explored.
    pub scope: &'a Scope,
    /// `holds`, …
    pub result: &'a str,
    /// Are protocol, property and scope still what was explored?
    pub current: bool,
}

/// Hashes of the texts of properties and scenarios, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    properties: BTreeMap<String, String>,
    scenarios: BTreeMap<String, String>,
}

impl Texts {
    /// Those of a transaction, by its files, its own one first. Layout and comments do not count; functions, natives, views and
    /// types do that a property or scenario names, itself or through others. (What machines do is in the protocol id.)
    pub fn of(files: &[UnitFile], sources: &SourceMap) -> Texts {
        let mut texts = Texts::default();
        let mut helpers: BTreeMap<&str, Helper> = BTreeMap::new();
        for decl in files.iter().flat_map(|file| &file.tree.decls) {
            if !matches!(decl, Decl::Actor(_) | Decl::Property(_) | Decl::Scenario(_))
                && let Some(name) = decl.name()
            {
                let helper = helpers.entry(&name.text).or_default();
                helper.text.push_str(&words(sources.slice(decl.span()), &mut helper.names));
            }
        }
        for decl in files.first().into_iter().flat_map(|file| &file.tree.decls) {
            let Some(name) = decl.name() else { continue };
            let list = if matches!(decl, Decl::Property(_)) {
                &mut texts.properties
            } else if matches!(decl, Decl::Scenario(_)) {
                &mut texts.scenarios
            } else {
                continue;
            };
            let mut names = BTreeSet::new();
            let mut text = words(sources.slice(decl.span()), &mut names);
            for helper in reached(&helpers, names) {
                text.push_str(helper);
            }
            list.insert(name.text.clone(), sha256(text.as_bytes()).to_string());
        }
        texts
    }
}

/// A function, a native, a view, a type: what others name.
#[derive(Default)]
struct Helper {
    text: String,
    names: BTreeSet<String>,
}

/// The texts of the helpers with these names, and of those that they name in turn, in the order of their names.
fn reached<'a>(helpers: &'a BTreeMap<&str, Helper>, names: BTreeSet<String>) -> Vec<&'a str> {
    let mut found: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open: Vec<String> = names.into_iter().collect();
    while let Some(name) = open.pop() {
        if let Some((name, helper)) = helpers.get_key_value(name.as_str())
            && found.insert(name, &helper.text).is_none()
        {
            open.extend(helper.names.iter().cloned());
        }
    }
    found.into_values().collect()
}

/// A source without layout and comments, and the words in it.
fn words(text: &str, names: &mut BTreeSet<String>) -> String {
    use crate::syntax::highlight::Class;
    let mut words = String::new();
    for piece in crate::syntax::highlight::pieces(text) {
        if !matches!(piece.class, Class::Comment | Class::Doc) {
            let word = text.get(piece.start..piece.end).unwrap_or_default();
            words.push_str(word);
            words.push('\n');
            names.insert(word.to_owned());
        }
    }
    words
}
