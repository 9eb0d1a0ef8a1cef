-- For Neovim 0.11 and later: `vim.lsp.enable('omt')`.
return require('omt').config()
