//! What is said at the beginning, on both sides.

use super::config::{Config, Mode};
use super::owner::{Client, path_of};
use super::requests::{COMMANDS, legend};
use crate::ide::Encoding;
use tower_lsp::lsp_types::{self as lsp, *};

/// What the client can and wants. What is wrong about its settings is told.
pub(super) fn client(params: &InitializeParams) -> (Client, Option<String>) {
    let capabilities = &params.capabilities;
    let document = capabilities.text_document.as_ref();
    let encodings = capabilities.general.as_ref().and_then(|g| g.position_encodings.as_ref());
    // Bytes need no counting; UTF-16 is what everybody understands.
    let utf8 = encodings.is_some_and(|list| list.contains(&PositionEncodingKind::UTF8));
    let options = params.initialization_options.clone().unwrap_or_default();
    let (config, wrong) = match Config::read(&options) {
        Ok(config) => (config, None),
        Err(error) => (Config::default(), Some(error)),
    };
    let publish = document.and_then(|d| d.publish_diagnostics.as_ref());
    let can_pull = document.is_some_and(|d| d.diagnostic.is_some());
    let pulls = match config.diagnostics.mode {
        Mode::Auto => can_pull,
        Mode::Push => false,
        Mode::Pull => true,
    };
    let completion = document.and_then(|d| d.completion.as_ref());
    let item = completion.and_then(|completion| completion.completion_item.as_ref());
    let defaults =
        completion.and_then(|completion| completion.completion_list.as_ref()?.item_defaults.as_ref());
    let has_default = |wanted: &str| defaults.is_some_and(|list| list.iter().any(|name| name == wanted));
    let resolves = item
        .and_then(|item| item.resolve_support.as_ref())
        .is_some_and(|support| support.properties.iter().any(|name| name == "documentation"));
    let mut folders: Vec<_> =
        params.workspace_folders.iter().flatten().map(|folder| path_of(&folder.uri)).collect();
    #[allow(deprecated, reason = "clients that know no folders send it")]
    let root = params.root_uri.as_ref();
    if let (true, Some(root)) = (folders.is_empty(), root) {
        folders.push(path_of(root));
    }
    let client = Client {
        encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
        pulls,
        can_pull,
        related: pulls || publish.is_some_and(|p| p.related_information == Some(true)),
        tags: pulls || publish.is_some_and(|p| p.tag_support.is_some()),
        code_description: pulls || publish.is_some_and(|p| p.code_description_support == Some(true)),
        folders,
        snippets: item.is_some_and(|item| item.snippet_support == Some(true)),
        completion_range: has_default("editRange"),
        completion_resolves: has_default("editRange") && has_default("data") && resolves,
        config,
    };
    (client, wrong)
}

/// What the server can.
pub(super) fn server(encoding: Encoding) -> ServerCapabilities {
    let no_progress = WorkDoneProgressOptions::default();
    ServerCapabilities {
        position_encoding: Some(match encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            will_save: None,
            will_save_wait_until: None,
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        })),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some(["(", ","].map(str::to_owned).to_vec()),
            retrigger_characters: None,
            work_done_progress_options: no_progress,
        }),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: no_progress,
        })),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QUICKFIX,
                CodeActionKind::REFACTOR_EXTRACT,
                CodeActionKind::REFACTOR_REWRITE,
                CodeActionKind::SOURCE_FIX_ALL,
                CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
            ]),
            work_done_progress_options: no_progress,
            resolve_provider: Some(true),
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(SelectionRangeProviderCapability::Simple(true)),
        linked_editing_range_provider: Some(LinkedEditingRangeServerCapabilities::Simple(true)),
        call_hierarchy_provider: Some(CallHierarchyServerCapability::Simple(true)),
        document_link_provider: Some(DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: no_progress,
        }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                work_done_progress_options: no_progress,
                legend: legend(),
                range: Some(true),
                full: Some(SemanticTokensFullOptions::Delta { delta: Some(true) }),
            },
        )),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: COMMANDS.iter().map(|name| (*name).to_owned()).collect(),
            work_done_progress_options: no_progress,
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([".", ">", "{", ",", "(", "[", "/"].map(str::to_owned).to_vec()),
            resolve_provider: Some(false),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        declaration_provider: Some(DeclarationCapability::Simple(true)),
        type_definition_provider: Some(TypeDefinitionProviderCapability::Simple(true)),
        implementation_provider: Some(ImplementationProviderCapability::Simple(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_range_formatting_provider: Some(OneOf::Left(true)),
        document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
            first_trigger_character: "\n".to_owned(),
            more_trigger_character: Some([")", "}", "]"].map(str::to_owned).to_vec()),
        }),
        diagnostic_provider: Some(DiagnosticServerCapabilities::Options(DiagnosticOptions {
            identifier: Some("omtc".to_owned()),
            inter_file_dependencies: true,
            workspace_diagnostics: true,
            work_done_progress_options: no_progress,
        })),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(lsp::OneOf::Left(true)),
            }),
            file_operations: Some(WorkspaceFileOperationsServerCapabilities {
                will_rename: Some(FileOperationRegistrationOptions { filters: renamed() }),
                ..WorkspaceFileOperationsServerCapabilities::default()
            }),
        }),
        ..ServerCapabilities::default()
    }
}

/// Files whose names others write, and folders that hold some.
fn renamed() -> Vec<FileOperationFilter> {
    let pattern = |glob: &str, kind| FileOperationFilter {
        scheme: Some("file".to_owned()),
        pattern: FileOperationPattern { glob: glob.to_owned(), matches: Some(kind), options: None },
    };
    vec![pattern("**/*.omt", FileOperationPatternKind::File), pattern("**", FileOperationPatternKind::Folder)]
}
