//! The handlers: each posts, in the order of arrival, and waits for what comes back.

use super::capabilities;
use super::owner::{Ask, Needs, Post, Posts, Refused, path_of};
use super::requests::{self, Custom};
use super::running::Running;
use super::snapshot::{Here, Snapshot};
use super::transport::Outbox;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::lsp_types::{request, *};
use tower_lsp::{Client, ClientSocket, LanguageServer, LspService};

/// The text has changed meanwhile (LSP 3.17, `ContentModified`).
const CONTENT_MODIFIED: i64 = -32801;

/// Our name for `textDocument/completion`.
pub(super) const COMPLETION: &str = "omt/completion";

/// Requests that have a name of ours inside: the answer that tower-lsp would take for them says everything for each item again,
/// and loses what it does not know (items have no defaults there, LSP 3.17).
pub(super) const OWN: &[(&str, &str)] =
    &[("textDocument/completion", COMPLETION), ("completionItem/resolve", "omt/completionItem")];

/// The handlers.
pub(super) struct Backend {
    pub(super) client: Client,
    posts: Posts,
    pub(super) outbox: Outbox,
    /// Whether the client can be asked to watch files.
    watches: OnceLock<bool>,
    /// Whether the client can be asked to show progress.
    pub(super) shows_progress: OnceLock<bool>,
    /// What runs with a token that the client may cancel.
    pub(super) running: Running,
    /// The tokens that the client has of each document.
    tokens: Mutex<BTreeMap<Url, SemanticTokens>>,
}

impl Backend {
    pub fn service(posts: Posts, outbox: Outbox) -> (LspService<Backend>, ClientSocket) {
        let new = |client| Backend {
            client,
            posts,
            outbox,
            watches: OnceLock::new(),
            shows_progress: OnceLock::new(),
            running: Running::default(),
            tokens: Mutex::default(),
        };
        LspService::build(new)
            .custom_method(COMPLETION, Backend::complete)
            .custom_method("omt/completionItem", Backend::complete_item)
            .custom_method("omt/explain", Backend::explain)
            .custom_method("omt/text", Backend::text)
            .custom_method("omt/matrix", Backend::matrix)
            .custom_method("omt/diagram", Backend::diagram)
            .custom_method("omt/scenarios", Backend::scenarios)
            .custom_method("omt/runScenario", Backend::run_scenario)
            .custom_method("omt/sequence", Backend::sequence)
            .custom_method("omt/verify", Backend::verify)
            .custom_method("omt/explore", Backend::explore)
            .custom_method("window/workDoneProgress/cancel", Backend::cancel)
            .finish()
    }

    fn known_tokens(&self) -> std::sync::MutexGuard<'_, BTreeMap<Url, SemanticTokens>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&self, post: Post) {
        // The owner ends after this.
        let _ = self.posts.send(post);
    }

    /// Has something worked out on a snapshot. It is posted before anything is waited for.
    async fn ask<T: Send + 'static>(
        &self,
        needs: Needs,
        uri: Option<Url>,
        work: impl FnOnce(&Snapshot) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ask_of(false, needs, uri, work).await
    }

    /// The same, of the threads for what takes long or of the others.
    pub(super) async fn ask_of<T: Send + 'static>(
        &self,
        is_long: bool,
        needs: Needs,
        uri: Option<Url>,
        work: impl FnOnce(&Snapshot) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let work = move |snapshot: std::result::Result<&Snapshot, Refused>| {
            if sender.is_closed() {
                // It was cancelled before its turn came.
                return;
            }
            let answer = match snapshot {
                Ok(snapshot) => work(snapshot),
                Err(Refused::Modified) => Err(error(CONTENT_MODIFIED, "the text has changed meanwhile")),
                Err(Refused::Failed) => Err(Error::internal_error()),
            };
            let _ = sender.send(answer);
        };
        self.post(Post::Ask(Ask { needs, is_long, uri, work: Box::new(work) }));
        // Nobody answers when the work panicked.
        receiver.await.unwrap_or_else(|_| Err(error(-32603, "this request failed; the server goes on")))
    }

    /// The same for a place in a document.
    async fn at<T: Send + 'static>(
        &self,
        needs: Needs,
        at: TextDocumentPositionParams,
        work: impl FnOnce(Here<'_>) -> Option<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let uri = at.text_document.uri;
        let position = at.position;
        let own = uri.clone();
        self.ask(needs, Some(uri), move |snapshot| Ok(snapshot.here(&own, position).and_then(work))).await
    }

    async fn complete(&self, params: CompletionParams) -> Result<Option<requests::Completion>> {
        self.at(Needs::Text, params.text_document_position, |here| Some(requests::completion(&here))).await
    }

    /// What an item means. One that is not known any more comes back as it is.
    async fn complete_item(&self, item: Value) -> Result<Value> {
        let place = item.get("data").cloned().and_then(|data| serde_json::from_value(data).ok());
        let Some(place) = place else { return Ok(item) };
        self.at(Needs::Text, place, move |here| Some(requests::completion_item(&here, item)))
            .await
            .map(|item| item.unwrap_or_default())
    }

    /// The same for an item of a call hierarchy, whose file may not be open.
    async fn in_file<T: Send + 'static>(
        &self,
        item: CallHierarchyItem,
        work: impl FnOnce(Here<'_>) -> Option<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let position = item.selection_range.start;
        self.ask(Needs::Latest, None, move |snapshot| {
            let document = snapshot.any_document(&item.uri);
            Ok(document.and_then(|document| work(snapshot.at(&document, position))))
        })
        .await
    }

    /// The same for a whole document.
    async fn whole<T: Send + 'static>(
        &self,
        needs: Needs,
        document: TextDocumentIdentifier,
        work: impl FnOnce(Here<'_>) -> Option<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let at = TextDocumentPositionParams { text_document: document, position: Position::default() };
        self.at(needs, at, work).await
    }
}

fn error(code: i64, message: &str) -> Error {
    Error { code: ErrorCode::ServerError(code), message: message.to_owned().into(), data: None }
}

#[tower_lsp::async_trait]
impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let (client, wrong) = capabilities::client(&params);
        let watched = params.capabilities.workspace.as_ref().and_then(|w| w.did_change_watched_files);
        let _ = self.watches.set(watched.is_some_and(|w| w.dynamic_registration == Some(true)));
        let window = params.capabilities.window.as_ref();
        let _ = self.shows_progress.set(window.is_some_and(|w| w.work_done_progress == Some(true)));
        let encoding = client.encoding;
        self.post(Post::Begin(Box::new(client)));
        if let Some(wrong) = wrong {
            self.client.show_message(MessageType::WARNING, format!("settings of omt-lsp: {wrong}")).await;
        }
        Ok(InitializeResult {
            capabilities: capabilities::server(encoding),
            server_info: Some(ServerInfo {
                name: "omt-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        if self.watches.get() != Some(&true) {
            return;
        }
        let watchers = ["**/*.omt", "**/omt.toml"].map(|pattern| FileSystemWatcher {
            glob_pattern: GlobPattern::String(pattern.to_owned()),
            kind: None,
        });
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: watchers.to_vec() };
        let registration = Registration {
            id: "omt-files".to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        // A client that refuses is served without: files are looked at before every analysis anyway.
        let _ = self.client.register_capability(vec![registration]).await;
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let TextDocumentItem { uri, version, text, .. } = params.text_document;
        self.post(Post::Open { uri, version, text });
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        let changes = params.content_changes.into_iter().map(|change| (change.range, change.text)).collect();
        self.post(Post::Change { uri, version, changes });
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.post(Post::Save(params.text_document.uri));
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.known_tokens().remove(&params.text_document.uri);
        self.post(Post::Close(params.text_document.uri));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.post(Post::Watched(params.changes.iter().map(|event| path_of(&event.uri)).collect()));
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        match super::config::Config::read(&params.settings) {
            Ok(config) => self.post(Post::Configure(config)),
            Err(wrong) => {
                self.client.show_message(MessageType::WARNING, format!("settings of omt-lsp: {wrong}")).await;
            }
        }
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths = |list: Vec<WorkspaceFolder>| list.iter().map(|folder| path_of(&folder.uri)).collect();
        self.post(Post::Folders { added: paths(params.event.added), removed: paths(params.event.removed) });
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        self.at(Needs::Analysis, params.text_document_position_params, |here| requests::hover(&here)).await
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.at(Needs::Analysis, params.text_document_position_params, |here| requests::definition(&here))
            .await
    }

    async fn goto_declaration(
        &self,
        params: request::GotoDeclarationParams,
    ) -> Result<Option<request::GotoDeclarationResponse>> {
        self.at(Needs::Analysis, params.text_document_position_params, |here| requests::declaration(&here))
            .await
    }

    async fn goto_type_definition(
        &self,
        params: request::GotoTypeDefinitionParams,
    ) -> Result<Option<request::GotoTypeDefinitionResponse>> {
        let at = params.text_document_position_params;
        self.at(Needs::Analysis, at, |here| requests::type_definition(&here)).await
    }

    async fn goto_implementation(
        &self,
        params: request::GotoImplementationParams,
    ) -> Result<Option<request::GotoImplementationResponse>> {
        let at = params.text_document_position_params;
        self.at(Needs::Analysis, at, |here| requests::implementation(&here)).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let declaration = params.context.include_declaration;
        let at = params.text_document_position;
        self.at(Needs::Analysis, at, move |here| requests::references(&here, declaration)).await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        let at = params.text_document_position_params;
        self.at(Needs::Analysis, at, |here| requests::highlights(&here)).await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        self.whole(Needs::Text, params.text_document, |here| requests::document_symbols(&here)).await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<Vec<SymbolInformation>>> {
        self.ask(Needs::Latest, None, move |snapshot| Ok(Some(requests::symbols(snapshot, &params.query))))
            .await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.whole(Needs::Text, params.text_document, |here| requests::formatting(&here)).await
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let range = params.range;
        self.whole(Needs::Text, params.text_document, move |here| requests::range_formatting(&here, range))
            .await
    }

    async fn on_type_formatting(
        &self,
        params: DocumentOnTypeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        let typed = params.ch;
        self.at(Needs::Text, params.text_document_position, move |here| {
            Some(requests::on_type_formatting(&here, &typed))
        })
        .await
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let uri = params.text_document.uri.clone();
        self.ask(Needs::Findings, Some(uri), move |snapshot| Ok(requests::diagnostic(snapshot, &params)))
            .await
    }

    async fn workspace_diagnostic(
        &self,
        params: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReportResult> {
        self.ask(Needs::Latest, None, move |snapshot| Ok(requests::workspace_diagnostic(snapshot, &params)))
            .await
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        self.at(Needs::Text, params.text_document_position_params, |here| requests::signature_help(&here))
            .await
    }

    async fn prepare_rename(
        &self,
        params: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        let found = self.at(Needs::Analysis, params, |here| requests::prepare_rename(&here)).await?;
        found.transpose()
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let name = params.new_name;
        let at = params.text_document_position;
        let found = self.at(Needs::Analysis, at, move |here| requests::rename(&here, &name)).await?;
        found.transpose()
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let document = params.text_document.clone();
        self.whole(Needs::Analysis, document, move |here| requests::code_actions(&here, &params)).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        self.whole(Needs::Analysis, params.text_document, |here| requests::code_lenses(&here)).await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        self.whole(Needs::Analysis, params.text_document, |here| requests::links(&here)).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.whole(Needs::Text, params.text_document, |here| Some(requests::folds(&here))).await
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        let positions = params.positions;
        let work = move |here: Here<'_>| Some(requests::selections(&here, &positions));
        self.whole(Needs::Text, params.text_document, work).await
    }

    async fn linked_editing_range(
        &self,
        params: LinkedEditingRangeParams,
    ) -> Result<Option<LinkedEditingRanges>> {
        self.at(Needs::Analysis, params.text_document_position_params, |here| requests::linked(&here)).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        let range = params.range;
        self.whole(Needs::Analysis, params.text_document, move |here| requests::inlay_hints(&here, range))
            .await
    }

    async fn semantic_tokens_full(
        &self,
        params: SemanticTokensParams,
    ) -> Result<Option<SemanticTokensResult>> {
        let uri = params.text_document.uri.clone();
        let work = |here: Here<'_>| Some(requests::semantic_tokens(&here));
        let Some(tokens) = self.whole(Needs::Text, params.text_document, work).await? else {
            return Ok(None);
        };
        self.known_tokens().insert(uri, tokens.clone());
        Ok(Some(SemanticTokensResult::Tokens(tokens)))
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        let uri = params.text_document.uri.clone();
        let work = |here: Here<'_>| Some(requests::semantic_tokens(&here));
        let Some(tokens) = self.whole(Needs::Text, params.text_document, work).await? else {
            return Ok(None);
        };
        let before = self.known_tokens().insert(uri, tokens.clone());
        let known = before.filter(|before| before.result_id.as_ref() == Some(&params.previous_result_id));
        let Some(known) = known else { return Ok(Some(SemanticTokensFullDeltaResult::Tokens(tokens))) };
        let edits = if known.data == tokens.data {
            Vec::new()
        } else {
            vec![requests::semantic_tokens_edits(&known.data, &tokens)]
        };
        let delta = SemanticTokensDelta { result_id: tokens.result_id, edits };
        Ok(Some(SemanticTokensFullDeltaResult::TokensDelta(delta)))
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        let range = params.range;
        let work = move |here: Here<'_>| Some(requests::semantic_tokens_range(&here, range).into());
        self.whole(Needs::Text, params.text_document, work).await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        self.at(Needs::Analysis, params.text_document_position_params, |here| requests::prepare_calls(&here))
            .await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        self.in_file(params.item, |here| requests::incoming(&here)).await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        self.in_file(params.item, |here| requests::outgoing(&here)).await
    }

    async fn will_rename_files(&self, params: RenameFilesParams) -> Result<Option<WorkspaceEdit>> {
        let path = |uri: &str| Url::parse(uri).ok().map(|uri| path_of(&uri));
        let moves = params.files.iter().filter_map(|file| Some((path(&file.old_uri)?, path(&file.new_uri)?)));
        let moves: Vec<_> = moves.collect();
        self.ask(Needs::Latest, None, move |snapshot| Ok(requests::will_rename(snapshot, &moves))).await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let what = match params.command.as_str() {
            "omt.explain" => Custom::Explain,
            "omt.matrix" => Custom::Matrix,
            "omt.diagram" => Custom::Diagram,
            "omt.run" => Custom::RunScenario,
            "omt.check" => Custom::Verify,
            other => return Err(Error::invalid_params(format!("there is no command {other}"))),
        };
        let mut argument = params.arguments.into_iter().next().unwrap_or_default();
        if let (Some(token), Some(object)) =
            (params.work_done_progress_params.work_done_token, argument.as_object_mut())
        {
            object.insert("workDoneToken".to_owned(), serde_json::json!(token));
        }
        self.special(what, argument).await.map(Some)
    }
}
