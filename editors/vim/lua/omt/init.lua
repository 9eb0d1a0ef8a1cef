--- `omt-lsp` in Neovim's own client.
---
---     require('omt').setup()                                        -- what is in the path
---     require('omt').setup({ cmd = { '/opt/omt/bin/omt-lsp' }, settings = { lenient = true } })
---
--- Works from Neovim 0.7 on. In 0.11 and later `vim.lsp.enable('omt')` does the same.
local show = require('omt.show')

local M = {}

local defaults = {
  --- How the server is started.
  cmd = { 'omt-lsp' },
  --- Keys for what the server can; `false` when your own configuration has them.
  keys = true,
  --- Settings of the server, see docs/lsp.md.
  settings = vim.empty_dict(),
  --- Called with (client, buffer) when a buffer is attached.
  on_attach = nil,
}

--- The project of a file: the nearest folder that holds `omt.toml` or is called `protocol` or `protocols`.
function M.root(file)
  local folder = vim.fn.fnamemodify(file, ':p:h')
  local at = folder
  while true do
    local name = vim.fn.fnamemodify(at, ':t')
    if vim.fn.filereadable(at .. '/omt.toml') == 1 or name == 'protocol' or name == 'protocols' then
      return at
    end
    local outer = vim.fn.fnamemodify(at, ':h')
    if outer == at then
      return folder
    end
    at = outer
  end
end

local function map_keys(buffer)
  local b = vim.lsp.buf
  local map = function(mode, keys, act, desc)
    vim.keymap.set(mode, keys, act, { buffer = buffer, desc = desc })
  end
  map('n', 'K', b.hover, 'What it is')
  map('n', 'gd', b.definition, 'Where it is declared')
  map('n', 'gD', b.declaration, 'Where it is declared')
  map('n', 'gi', b.implementation, 'The transitions that handle a message')
  map('n', 'gr', b.references, 'Where it is used')
  map('n', 'gy', b.type_definition, 'Its type')
  map('n', '<LocalLeader>r', b.rename, 'Rename')
  map('n', '<LocalLeader>a', b.code_action, 'Repairs')
  map('n', '<LocalLeader>f', function()
    if b.format then b.format({ async = true }) else b.formatting() end
  end, 'Format')
  map('n', '<LocalLeader>l', vim.lsp.codelens.run, 'The lens of this line')
  map('n', '<LocalLeader>c', b.incoming_calls, 'What can cause this')
  map('n', '<LocalLeader>C', b.outgoing_calls, 'What this causes')
end

local function attached(options)
  return function(client, buffer)
    vim.bo[buffer].omnifunc = 'v:lua.vim.lsp.omnifunc'
    if options.keys then
      map_keys(buffer)
    end
    show.commands(buffer)
    local group = vim.api.nvim_create_augroup('OmtLens' .. buffer, { clear = true })
    -- New findings say that the text has been analysed; what was asked before may have been refused.
    vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'DiagnosticChanged' }, {
      group = group,
      buffer = buffer,
      callback = function()
        if vim.api.nvim_get_current_buf() == buffer then vim.lsp.codelens.refresh({ bufnr = buffer }) end
      end,
    })
    vim.lsp.codelens.refresh({ bufnr = buffer })
    if options.on_attach then
      options.on_attach(client, buffer)
    end
  end
end

--- The configuration of a client, for those who start it themselves.
function M.config(given)
  local options = vim.tbl_extend('force', defaults, given or {})
  for command, act in pairs(show.lenses) do
    vim.lsp.commands[command] = act
  end
  return {
    name = 'omt',
    cmd = options.cmd,
    filetypes = { 'omt' },
    root_markers = { 'omt.toml', 'protocols', 'protocol', '.git' },
    settings = { omt = options.settings },
    init_options = options.settings,
    flags = { debounce_text_changes = 20 },
    on_attach = attached(options),
  }
end

--- Clients by project, where Neovim does not look for one itself (before 0.8).
local clients = {}

local function attach(options, buffer)
  local config = M.config(options)
  config.root_dir = M.root(vim.api.nvim_buf_get_name(buffer))
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buffer })
    return
  end
  local id = clients[config.root_dir]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(config)
    clients[config.root_dir] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

--- Starts a client for each project as soon as one of its files is opened.
function M.setup(options)
  local group = vim.api.nvim_create_augroup('Omt', { clear = true })
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = 'omt',
    callback = function(event) attach(options, event.buf) end,
  })
  vim.api.nvim_create_autocmd('BufReadCmd', {
    group = group,
    pattern = 'omt-explain:/*',
    callback = function(event) show.explain(event.file:match('/([^/]+)%.md$') or event.file, event.buf) end,
  })
end

return M
