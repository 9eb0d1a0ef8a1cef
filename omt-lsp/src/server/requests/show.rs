//! Colours, hints, folds, selections, signatures, calls.

use crate::ide::calls::{self, Call, Link};
use crate::ide::folding::{self, FoldKind};
use crate::ide::tokens::{self, Token, TokenKind};
use crate::ide::{Range as Bytes, hints, navigate, signature};
use crate::server::convert;
use crate::server::snapshot::{Here, Snapshot};
use std::hash::{DefaultHasher, Hash, Hasher};
use tower_lsp::lsp_types::*;

/// The kinds of tokens, in the order of their numbers.
pub(in crate::server) fn legend() -> SemanticTokensLegend {
    let kind = |kind: &TokenKind| match kind {
        TokenKind::Keyword => SemanticTokenType::KEYWORD,
        TokenKind::Comment => SemanticTokenType::COMMENT,
        TokenKind::Text => SemanticTokenType::STRING,
        TokenKind::Number => SemanticTokenType::NUMBER,
        TokenKind::Type => SemanticTokenType::TYPE,
        TokenKind::Actor => SemanticTokenType::CLASS,
        TokenKind::Record => SemanticTokenType::STRUCT,
        TokenKind::Enum => SemanticTokenType::ENUM,
        TokenKind::EnumValue => SemanticTokenType::ENUM_MEMBER,
        TokenKind::Function => SemanticTokenType::FUNCTION,
        TokenKind::Field => SemanticTokenType::PROPERTY,
        TokenKind::Argument => SemanticTokenType::PARAMETER,
        TokenKind::Local => SemanticTokenType::VARIABLE,
        TokenKind::Trigger => SemanticTokenType::EVENT,
        TokenKind::Transaction => SemanticTokenType::NAMESPACE,
        TokenKind::Sign => SemanticTokenType::OPERATOR,
        TokenKind::State => SemanticTokenType::new("state"),
        TokenKind::Message => SemanticTokenType::INTERFACE,
        TokenKind::Parameter => SemanticTokenType::new("constant"),
    };
    SemanticTokensLegend {
        token_types: TokenKind::ALL.iter().map(kind).collect(),
        token_modifiers: vec![
            SemanticTokenModifier::DECLARATION,
            SemanticTokenModifier::READONLY,
            SemanticTokenModifier::DEFAULT_LIBRARY,
            SemanticTokenModifier::DOCUMENTATION,
            SemanticTokenModifier::MODIFICATION,
        ],
    }
}

fn encoded(here: &Here<'_>, list: &[Token]) -> Vec<SemanticToken> {
    let encoding = here.snapshot.client.encoding;
    let mut found = Vec::new();
    let mut before = Position::new(0, 0);
    for token in list {
        let at = convert::range(&here.document.text, token.range, encoding);
        let same_line = at.start.line == before.line;
        let kind = TokenKind::ALL.iter().position(|kind| *kind == token.kind).unwrap_or(0);
        let bits = [token.declares, token.constant, token.library, token.documents, token.writes];
        let modifiers = bits.iter().enumerate().fold(0, |sum, (n, bit)| sum | (u32::from(*bit) << n));
        found.push(SemanticToken {
            delta_line: at.start.line - before.line,
            delta_start: if same_line { at.start.character - before.character } else { at.start.character },
            length: at.end.character.saturating_sub(at.start.character),
            token_type: kind as u32,
            token_modifiers_bitset: modifiers,
        });
        before = at.start;
    }
    found
}

fn all(here: &Here<'_>, within: Option<Bytes>) -> Vec<SemanticToken> {
    let document = here.document;
    let changed = here.snapshot.changed.get(&document.path).copied();
    let analysis = here.analysis.map(AsRef::as_ref);
    encoded(here, &tokens::tokens(analysis, document.id, document.text.content(), changed, within))
}

fn id(tokens: &[SemanticToken]) -> String {
    let mut hasher = DefaultHasher::new();
    for token in tokens {
        (token.delta_line, token.delta_start, token.length).hash(&mut hasher);
        (token.token_type, token.token_modifiers_bitset).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

pub(in crate::server) fn semantic_tokens(here: &Here<'_>) -> SemanticTokens {
    let data = all(here, None);
    SemanticTokens { result_id: Some(id(&data)), data }
}

pub(in crate::server) fn semantic_tokens_range(here: &Here<'_>, range: Range) -> SemanticTokens {
    let within = convert::range_in(&here.document.text, range, here.snapshot.client.encoding);
    SemanticTokens { result_id: None, data: all(here, Some(within)) }
}

/// What leads from the tokens of before to those of now: one replacement in the middle.
pub(in crate::server) fn semantic_tokens_edits(
    before: &[SemanticToken],
    after: &SemanticTokens,
) -> SemanticTokensEdit {
    let now = &after.data;
    let start = before.iter().zip(now).take_while(|(a, b)| a == b).count();
    let room = before.len().min(now.len()) - start;
    let end = before.iter().rev().zip(now.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let new: Vec<SemanticToken> = now.iter().skip(start).take(now.len() - start - end).copied().collect();
    SemanticTokensEdit {
        start: (start * 5) as u32,
        delete_count: ((before.len() - start - end) * 5) as u32,
        data: Some(new),
    }
}

pub(in crate::server) fn inlay_hints(here: &Here<'_>, range: Range) -> Option<Vec<InlayHint>> {
    let config = &here.snapshot.client.config.inlay_hints;
    let wanted = hints::Wanted { types: config.types, durations: config.durations, limits: config.limits };
    let within = convert::range_in(&here.document.text, range, here.snapshot.client.encoding);
    let one = |hint: hints::Hint| InlayHint {
        position: here.range(Bytes::new(hint.at, hint.at)).start,
        label: InlayHintLabel::String(hint.text),
        kind: hint.is_type.then_some(InlayHintKind::TYPE),
        text_edits: None,
        tooltip: Some(InlayHintTooltip::String(hint.more)),
        padding_left: None,
        padding_right: None,
        data: None,
    };
    Some(hints::hints(here.analysis?, here.document.id, within, wanted).into_iter().map(one).collect())
}

pub(in crate::server) fn folds(here: &Here<'_>) -> Vec<FoldingRange> {
    let text = &here.document.text;
    let one = |fold: folding::Fold| {
        let range = here.range(fold.range);
        let kind = match fold.kind {
            FoldKind::Comment => Some(FoldingRangeKind::Comment),
            FoldKind::Imports => Some(FoldingRangeKind::Imports),
            FoldKind::Brackets => None,
        };
        // The closing bracket stays in sight.
        let end_line = if kind.is_none() {
            range.end.line.saturating_sub(1).max(range.start.line)
        } else {
            range.end.line
        };
        FoldingRange {
            start_line: range.start.line,
            start_character: None,
            end_line,
            end_character: None,
            kind,
            collapsed_text: None,
        }
    };
    let mut found: Vec<FoldingRange> =
        folding::folds(text, &here.document.source().tree).into_iter().map(one).collect();
    found.retain(|fold| fold.start_line < fold.end_line);
    found.dedup_by_key(|fold| fold.start_line);
    found
}

pub(in crate::server) fn selections(here: &Here<'_>, positions: &[Position]) -> Vec<SelectionRange> {
    let text = &here.document.text;
    let tree = &here.document.source().tree;
    let one = |position: &Position| {
        let at =
            convert::range_in(text, Range::new(*position, *position), here.snapshot.client.encoding).start;
        let mut parent: Option<Box<SelectionRange>> = None;
        for range in folding::selections(text, tree, at).into_iter().rev() {
            parent = Some(Box::new(SelectionRange { range: here.range(range), parent }));
        }
        parent
            .map_or(SelectionRange { range: Range::new(*position, *position), parent: None }, |found| *found)
    };
    positions.iter().map(one).collect()
}

pub(in crate::server) fn signature_help(here: &Here<'_>) -> Option<SignatureHelp> {
    let analysis = here.snapshot.names(&here.document.path).map(AsRef::as_ref);
    let found = signature::signature(analysis, &here.document.text, here.offset)?;
    let parameters = found.parameters.iter().map(|text| ParameterInformation {
        label: ParameterLabel::Simple(text.clone()),
        documentation: None,
    });
    Some(SignatureHelp {
        signatures: vec![SignatureInformation {
            parameters: Some(parameters.collect()),
            documentation: Some(found.doc).filter(|doc| !doc.is_empty()).map(Documentation::String),
            active_parameter: None,
            label: found.label,
        }],
        active_signature: Some(0),
        active_parameter: Some(found.active as u32),
    })
}

/// A name that is written twice belongs together: a local, a member of the cast, an argument.
pub(in crate::server) fn linked(here: &Here<'_>) -> Option<LinkedEditingRanges> {
    let analysis = here.analysis?;
    let ids = navigate::symbols(analysis, here.document.id, here.offset);
    let [id] = ids.as_slice() else { return None };
    let symbol = analysis.index().symbol(*id)?;
    use crate::ide::index::Kind;
    if !matches!(symbol.kind, Kind::Local | Kind::Member) {
        return None;
    }
    let ranges: Vec<Range> = navigate::highlights(analysis, here.document.id, here.offset)
        .into_iter()
        .map(|(range, _)| here.range(range))
        .collect();
    (ranges.len() > 1)
        .then_some(LinkedEditingRanges { ranges, word_pattern: Some("[A-Za-z_][A-Za-z0-9_]*".to_owned()) })
}

fn item(snapshot: &Snapshot, call: &Call) -> Option<CallHierarchyItem> {
    let places = snapshot.places();
    let location = places.location(&call.place)?;
    Some(CallHierarchyItem {
        name: call.name.clone(),
        kind: SymbolKind::EVENT,
        tags: None,
        detail: Some(call.detail.clone()),
        range: places.range(&call.full.path, call.full.range)?,
        uri: location.uri,
        selection_range: location.range,
        data: None,
    })
}

pub(in crate::server) fn prepare_calls(here: &Here<'_>) -> Option<Vec<CallHierarchyItem>> {
    let found = calls::prepare(here.analysis?, here.document.id, here.offset);
    let items: Vec<CallHierarchyItem> = found.iter().filter_map(|call| item(here.snapshot, call)).collect();
    (!items.is_empty()).then_some(items)
}

fn ranges(snapshot: &Snapshot, path: &std::path::Path, link: &Link) -> Vec<Range> {
    let places = snapshot.places();
    link.at.iter().filter_map(|range| places.range(path, *range)).collect()
}

pub(in crate::server) fn incoming(here: &Here<'_>) -> Option<Vec<CallHierarchyIncomingCall>> {
    let found = calls::incoming(here.analysis?, here.document.id, here.offset);
    let one = |link: &Link| {
        let from_ranges = ranges(here.snapshot, &link.call.place.path, link);
        Some(CallHierarchyIncomingCall { from: item(here.snapshot, &link.call)?, from_ranges })
    };
    Some(found.iter().filter_map(one).collect())
}

pub(in crate::server) fn outgoing(here: &Here<'_>) -> Option<Vec<CallHierarchyOutgoingCall>> {
    let found = calls::outgoing(here.analysis?, here.document.id, here.offset);
    let one = |link: &Link| {
        let from_ranges = ranges(here.snapshot, &here.document.path, link);
        Some(CallHierarchyOutgoingCall { to: item(here.snapshot, &link.call)?, from_ranges })
    };
    Some(found.iter().filter_map(one).collect())
}
