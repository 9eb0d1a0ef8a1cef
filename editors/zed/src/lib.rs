//! Tells Zed how to start `omt-lsp`: the program that the settings name, else the one on the path.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree, serde_json};

const SERVER: &str = "omt-lsp";

struct Omt;

impl zed::Extension for Omt {
    fn new() -> Self {
        Omt
    }

    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree(SERVER, worktree).ok().and_then(|settings| settings.binary);
        let (path, arguments) = binary.map_or((None, None), |binary| (binary.path, binary.arguments));
        let command = path.or_else(|| worktree.which(SERVER)).ok_or_else(|| {
            format!(
                "{SERVER} is not on the path. Install it (`cargo install --path omt-lsp`), or name it in the settings: \
                 \"lsp\": {{ \"{SERVER}\": {{ \"binary\": {{ \"path\": \"…\" }} }} }}"
            )
        })?;
        Ok(Command { command, args: arguments.unwrap_or_default(), env: worktree.shell_env() })
    }

    fn language_server_workspace_configuration(
        &mut self,
        _: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        let settings =
            LspSettings::for_worktree(SERVER, worktree).ok().and_then(|settings| settings.settings);
        Ok(settings.map(|settings| serde_json::json!({ "omt": settings })))
    }
}

zed::register_extension!(Omt);
