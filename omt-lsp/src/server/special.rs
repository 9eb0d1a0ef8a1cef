//! The handlers of what no other server has, and of what takes long.

use super::backend::Backend;
use super::owner::Needs;
use super::requests::{self, Custom};
use super::snapshot::Snapshot;
use serde_json::Value;
use std::time::Duration;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{WorkDoneProgressCancelParams, WorkDoneProgressCreateParams, request};

/// How long a client may take to say that it shows progress.
const CLIENT_ANSWERS_IN: Duration = Duration::from_secs(1);

impl Backend {
    pub(super) async fn explain(&self, params: Value) -> Result<Value> {
        self.special(Custom::Explain, params).await
    }

    pub(super) async fn text(&self, params: Value) -> Result<Value> {
        self.special(Custom::Text, params).await
    }

    pub(super) async fn matrix(&self, params: Value) -> Result<Value> {
        self.special(Custom::Matrix, params).await
    }

    pub(super) async fn diagram(&self, params: Value) -> Result<Value> {
        self.special(Custom::Diagram, params).await
    }

    pub(super) async fn scenarios(&self, params: Value) -> Result<Value> {
        self.special(Custom::Scenarios, params).await
    }

    pub(super) async fn run_scenario(&self, params: Value) -> Result<Value> {
        self.special(Custom::RunScenario, params).await
    }

    pub(super) async fn sequence(&self, params: Value) -> Result<Value> {
        self.special(Custom::Sequence, params).await
    }

    pub(super) async fn verify(&self, params: Value) -> Result<Value> {
        self.special(Custom::Verify, params).await
    }

    pub(super) async fn explore(&self, params: Value) -> Result<Value> {
        self.special(Custom::Explore, params).await
    }

    /// The client has no use any more for what shows its progress with a token.
    pub(super) async fn cancel(&self, params: WorkDoneProgressCancelParams) {
        self.running.cancel(&params.token);
    }

    /// What no other server has. It ends when the request is cancelled, or its progress.
    pub(super) async fn special(&self, what: Custom, mut params: Value) -> Result<Value> {
        if what == Custom::Verify {
            self.give_token(&mut params).await;
        }
        let outbox = self.outbox.clone();
        // Dropped with this request, whether it is answered or cancelled.
        let until = self.running.begin(params.get("workDoneToken"));
        let given_up = until.flag();
        let work = move |snapshot: &Snapshot| requests::custom(snapshot, what, &params, &outbox, &given_up);
        let is_long =
            matches!(what, Custom::Verify | Custom::Explore | Custom::RunScenario | Custom::Sequence);
        self.ask_of(is_long, Needs::Latest, None, work).await
    }

    /// What takes long is shown, also by clients that begin it as a command and give no token.
    async fn give_token(&self, params: &mut Value) {
        let Some(members) = params.as_object_mut().filter(|members| !members.contains_key("workDoneToken"))
        else {
            return;
        };
        if self.shows_progress.get() != Some(&true) {
            return;
        }
        let token = self.running.token();
        let asked =
            self.client.send_request::<request::WorkDoneProgressCreate>(WorkDoneProgressCreateParams {
                token: token.clone(),
            });
        // A client that does not answer sees no progress.
        if let Ok(Ok(())) = tokio::time::timeout(CLIENT_ANSWERS_IN, asked).await {
            members.insert("workDoneToken".to_owned(), serde_json::json!(token));
        }
    }
}
