--- A person in Neovim, without the person: its own client talks to the real server about the real protocols.
---
---     OMT_LSP=target/debug/omt-lsp nvim --headless --clean --cmd 'set rtp^=editors/vim' -c 'luafile tests/editors/nvim.lua'
---
--- Each step waits for what the server does, at most so long; nothing is written to a file of the repository.
local STEP_MS = 30000

local root = vim.fn.getcwd()
local folder = root .. '/protocols/transactions/00_escrow_lock/'
local passed, failed = 0, 0

local function text(buffer) return table.concat(vim.api.nvim_buf_get_lines(buffer or 0, 0, -1, false), '\n') end

local function disk(path) return table.concat(vim.fn.readfile(path), '\n') end

--- Until something is so. Neovim goes on with its events meanwhile.
local function until_true(what, condition)
  local found
  local good = vim.wait(STEP_MS, function()
    found = condition()
    return found
  end, 10)
  if not good then error('waited in vain: ' .. what) end
  return found
end

local function same(found, wanted, what)
  if found ~= wanted then error(('%s: %s instead of %s'):format(what, vim.inspect(found), vim.inspect(wanted))) end
end

--- Puts the cursor on the first place of a text in this buffer, that many bytes into it.
local function on(wanted, inside)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  local line, column = unpack(vim.fn.searchpos('\\V' .. vim.fn.escape(wanted, '\\'), 'cW'))
  if line == 0 then error('not in this buffer: ' .. wanted) end
  vim.api.nvim_win_set_cursor(0, { line, column - 1 + (inside or 0) })
  return line
end

local function errors()
  return vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })
end

local function step(name, act)
  local begun = vim.loop.hrtime()
  local good, reason = xpcall(act, debug.traceback)
  local took = (vim.loop.hrtime() - begun) / 1e9
  io.stdout:write(('nvim: %s: %s (%.1f s)%s\n'):format(name, good and 'ok' or 'FAILED', took, good and '' or '\n' .. reason))
  if good then passed = passed + 1 else failed = failed + 1 end
end

vim.o.hidden = true
vim.o.swapfile = false
vim.cmd('filetype plugin indent on')
vim.cmd('syntax on')
require('omt').setup({ cmd = { vim.env.OMT_LSP } })

step('a protocol is recognised and a client attached', function()
  vim.cmd('edit ' .. folder .. 'transaction.omt')
  same(vim.bo.filetype, 'omt', 'filetype')
  until_true('a client that is initialised', function()
    local clients = vim.lsp.buf_get_clients(0)
    for _, client in pairs(clients) do
      return client.initialized and client.server_capabilities ~= nil
    end
  end)
  same(vim.bo.omnifunc, 'v:lua.vim.lsp.omnifunc', 'omnifunc')
end)

step('a mistake is a finding as soon as it is written, and none when it is gone', function()
  local line = on('provider = terms.provider')
  vim.api.nvim_buf_set_lines(0, line - 1, line, false, { '        provider = terms.providr' })
  local found = until_true('the finding', function() return errors()[1] end)
  same(found.lnum, line - 1, 'line of the finding')
  if not found.message:find('providr', 1, true) then error('what it says: ' .. found.message) end
  vim.api.nvim_buf_set_lines(0, line - 1, line, false, { '        provider = terms.provider' })
  until_true('no finding', function() return #errors() == 0 end)
  same(text(), disk(folder .. 'transaction.omt'), 'the text')
end)

step('hover shows what a name is', function()
  on('reject_reason = TERMS_PROBLEM', #'reject_reason = ')
  vim.lsp.buf.hover()
  local shown = until_true('a window', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then return window end
    end
  end)
  local told = text(vim.api.nvim_win_get_buf(shown))
  if not told:find('TERMS_PROBLEM', 1, true) then error('what it shows: ' .. told) end
  vim.api.nvim_win_close(shown, true)
end)

step('one jumps to a definition in an imported file, and back', function()
  on('reject_reason = TERMS_PROBLEM', #'reject_reason = ')
  vim.lsp.buf.definition()
  until_true('the other file', function() return vim.fn.expand('%:t') == 'rules.omt' end)
  local line = vim.api.nvim_get_current_line()
  if not line:find('function TERMS_PROBLEM', 1, true) then error('where it jumped: ' .. line) end
  vim.cmd('buffer transaction.omt')
end)

step('a rename changes every file that uses the name', function()
  on('reject_reason = TERMS_PROBLEM', #'reject_reason = ')
  vim.lsp.buf.rename('WHAT_IS_WRONG')
  local rules = until_true('the other file', function()
    local buffer = vim.fn.bufnr(folder .. 'rules.omt')
    return buffer > 0 and text(buffer):find('function WHAT_IS_WRONG', 1, true) and buffer
  end)
  until_true('this file', function() return text():find('= WHAT_IS_WRONG', 1, true) end)
  if text():find('TERMS_PROBLEM', 1, true) or text(rules):find('TERMS_PROBLEM(', 1, true) then
    error('the old name is left')
  end
  same(text():gsub('WHAT_IS_WRONG', 'TERMS_PROBLEM'), disk(folder .. 'transaction.omt'), 'everything else')
  vim.cmd('buffer ' .. rules .. ' | edit! | buffer transaction.omt | edit!')
end)

step('formatting restores what omtc fmt writes', function()
  until_true('a client', function() return next(vim.lsp.buf_get_clients(0)) end)
  local line = on('provider = terms.provider')
  vim.api.nvim_buf_set_lines(0, line - 1, line, false, { 'provider   =terms . provider' })
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = STEP_MS })
  else
    vim.lsp.buf.formatting_sync(nil, STEP_MS)
  end
  same(text(), disk(folder .. 'transaction.omt'), 'the text')
end)

step('completion offers the states after an arrow', function()
  local line = on('LOCKED -> EXPIRED')
  vim.api.nvim_win_set_cursor(0, { line, #'    LOCKED -> ' })
  local params = vim.lsp.util.make_position_params()
  local answers = vim.lsp.buf_request_sync(0, 'textDocument/completion', params, STEP_MS)
  local labels = {}
  for _, answer in pairs(answers or {}) do
    for _, item in ipairs(answer.result and (answer.result.items or answer.result) or {}) do
      labels[item.label] = true
    end
  end
  if not (labels.EXPIRED and labels.WAITING_FOR_TOPUP_RESULT) then error(vim.inspect(labels)) end
end)

step('a scenario runs, and its steps are a list', function()
  vim.cmd('edit ' .. root .. '/protocols/examples/ping_pong/transaction.omt')
  local name = text():match('\nscenario ([%w_]+)')
  if not name then error('no scenario in the example') end
  until_true('a client', function() return vim.fn.exists(':OmtRun') == 2 end)
  vim.cmd('OmtRun ' .. name)
  local list = until_true('the list', function()
    local list = vim.fn.getqflist({ title = true, items = true })
    return vim.startswith(list.title, name) and list
  end)
  same(list.title, name .. ': passed', 'title')
  if #list.items < 2 then error(vim.inspect(list)) end
  vim.cmd('cclose')
end)

--- Opens a source with what the package knows of it, and without a server.
local function plain(path)
  vim.cmd('silent noautocmd edit ' .. path)
  vim.cmd('setlocal syntax=omt | unlet! b:did_indent b:did_ftplugin | runtime! ftplugin/omt.vim indent/omt.vim')
end

--- Where brackets and words cannot tell (an expression over several lines), a line may be elsewhere; that is rare.
step('indentation agrees with omtc fmt', function()
  local different, lines = {}, 0
  local sources = vim.fn.globpath(folder, '*.omt', false, true)
  vim.list_extend(sources, vim.fn.globpath(root .. '/protocols/examples', '**/*.omt', false, true))
  for _, path in ipairs(sources) do
    plain(path)
    local before = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    vim.cmd('silent normal! gg=G')
    for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
      lines = lines + 1
      if line ~= before[number] then
        table.insert(different, ('%s:%d: %s'):format(path:sub(#root + 2), number, line))
      end
    end
    vim.cmd('silent edit!')
  end
  if lines < 1000 or #different * 200 > lines then
    error(('%d of %d lines differ:\n%s'):format(#different, lines, table.concat(different, '\n')))
  end
end)

step('words have the colours of what they are', function()
  plain(root .. '/editors/vscode/test/sample.omt')
  local groups = {
    { 'transaction 07', 0, 'omtDeclaration' },
    { 'message ASK', 0, 'omtDeclaration' },
    { 'message.sender', 0, 'omtValue' },
    { 'hash "omerta', 0, 'omtType' },
    { '5 seconds', 2, 'omtUnit' },
    { 'list<hash>', 0, 'omtType' },
    { '"how long"', 1, 'omtString' },
    { '# of a witness', 2, 'omtComment' },
    { '## Documentation', 3, 'omtDocumentation' },
    { 'v.share >=', 2, 'omtMember' },
    { 'RETURN null', 0, 'omtControl' },
    { 'null ELSE', 0, 'omtBoolean' },
    { 'AND NOT', 0, 'omtOperatorWord' },
    { 'state IDLE', 0, 'omtKeyword' },
    { 'state IDLE', 6, 'omtConstant' },
    { 'SEND(to', 0, 'omtEffect' },
    { 'NOW()', 0, 'omtFunction' },
    { 'actor Asker', 6, 'omtTypeName' },
    { '# allow S0702', 2, 'omtAllow' },
  }
  for _, group in ipairs(groups) do
    local line = on(group[1], group[2])
    local column = vim.api.nvim_win_get_cursor(0)[2] + 1
    same(vim.fn.synIDattr(vim.fn.synID(line, column, 1), 'name'), group[3], group[1])
  end
end)

io.stdout:write(('nvim: %d passed, %d failed\n'):format(passed, failed))
vim.cmd(failed == 0 and passed > 0 and 'qall!' or 'cquit!')
