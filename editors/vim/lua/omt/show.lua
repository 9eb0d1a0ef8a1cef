--- What the server has and no other: lenses, runs of scenarios, verification, diagrams, matrices, pages of findings.
local M = {}

local function client_of(buffer)
  for _, client in ipairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
    if client.name == 'omt' and (buffer == nil or vim.lsp.buf_is_attached(buffer, client.id)) then
      return client
    end
  end
end

--- Asks the server; what it refuses is told.
local function ask(method, params, act)
  local client = client_of(nil)
  if not client then
    vim.notify('omt-lsp does not run', vim.log.levels.ERROR)
    return
  end
  client.request(method, params, function(error, result)
    if error then
      vim.notify(error.message, vim.log.levels.ERROR)
    elseif result and result ~= vim.NIL then
      act(result)
    end
  end)
end

local function uri() return vim.uri_from_bufnr(0) end

--- Lines in a window of their own.
local function window(name, lines, filetype)
  vim.cmd('botright new')
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].bufhidden = 'wipe'
  pcall(vim.api.nvim_buf_set_name, buffer, 'omt://' .. name)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].filetype = filetype or 'markdown'
  vim.bo[buffer].modifiable = false
end

local function list_of(title, items)
  vim.fn.setqflist({}, ' ', { title = title, items = items })
  vim.cmd('copen')
end

local function item(location, text)
  local known = location and location ~= vim.NIL
  return {
    filename = known and vim.uri_to_fname(location.uri) or nil,
    lnum = known and location.range.start.line + 1 or 0,
    col = known and location.range.start.character + 1 or 0,
    text = text,
  }
end

--- A step of a run in one line; its time comes in microseconds.
local function step_line(step)
  local said = step.event == 'message' and ('%s → %s: %s'):format(step.from, step.to, step.message)
  local other = vim.trim((step.peer or '') .. ' ' .. step.event)
  return ('%g s %s'):format(step.at / 1e6, step.text or said or other)
end

--- Runs a scenario. Its steps become a list through which one can go with `:cnext`.
function M.run(params)
  ask('omt/runScenario', params, function(result)
    local items = {}
    for _, step in ipairs(result.steps) do
      local location = type(step.locations) == 'table' and step.locations[1] or nil
      table.insert(items, item(location, step_line(step)))
    end
    list_of(params.scenario .. (result.passed and ': passed' or ': FAILED'), items)
    if not result.passed then
      vim.notify(result.deviation.message, vim.log.levels.WARN)
    end
  end)
end

--- Verifies, and puts a counterexample into the list.
function M.verify(params)
  ask('omt/verify', params, function(result)
    local items = {}
    for _, verdict in ipairs(result.verdicts) do
      table.insert(items, item(verdict.location, ('%s: %s'):format(verdict.property, verdict.result)))
      local counterexample = verdict.counterexample
      for _, step in ipairs(type(counterexample) == 'table' and counterexample.steps or {}) do
        local location = type(step.locations) == 'table' and step.locations[1] or nil
        table.insert(items, item(location, ('  %s %s: %s'):format(step.at, step.peer or '', step.input or '')))
      end
    end
    list_of(('%d states%s'):format(result.states, result.complete and '' or ', not all'), items)
  end)
end

--- Shows the diagram of an actor in whatever shows SVG files.
function M.diagram(params)
  ask('omt/diagram', params, function(result)
    local file = vim.fn.tempname() .. '.svg'
    vim.fn.writefile(vim.split(result.svg, '\n'), file)
    if vim.ui.open then
      vim.ui.open(file)
    else
      vim.fn.jobstart({ vim.fn.has('mac') == 1 and 'open' or 'xdg-open', file }, { detach = true })
    end
  end)
end

--- Which message is handled in which state.
function M.matrix(params)
  ask('omt/matrix', params, function(result)
    local lines = {}
    for _, actor in ipairs(result.actors) do
      vim.list_extend(lines, { '# ' .. actor.actor, '', '| state | ' .. table.concat(actor.messages, ' | ') .. ' |' })
      table.insert(lines, '|---' .. string.rep('|---', #actor.messages) .. '|')
      for _, state in ipairs(actor.states) do
        table.insert(lines, ('| %s | %s |'):format(state.state, table.concat(state.is, ' | ')))
      end
      table.insert(lines, '')
    end
    window('matrix', lines)
  end)
end

--- The page of a code, in a buffer of its own or in the one that is given.
function M.explain(code, buffer)
  ask('omt/explain', { code = code }, function(page)
    local lines = vim.split(('# %s %s\n\n%s'):format(page.code, page.title, page.markdown), '\n')
    if not buffer then
      window(page.code, lines)
      return
    end
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
    vim.bo[buffer].filetype = 'markdown'
    vim.bo[buffer].modified = false
  end)
end

--- The code of the finding in this line.
local function code_here()
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, finding in ipairs(vim.diagnostic.get(0, { lnum = line })) do
    local data = finding.user_data and finding.user_data.lsp
    local code = finding.code or (data and data.code)
    if code then
      return code
    end
  end
end

--- What the lenses of the server do: the names are those of docs/lsp.md.
M.lenses = {
  ['omt.showLocations'] = function(command)
    local items = vim.tbl_map(function(location) return item(location, '') end, command.arguments[3])
    list_of(command.title, items)
  end,
  ['omt.runScenario'] = function(command) M.run(command.arguments[1]) end,
  ['omt.stepScenario'] = function(command) M.run(command.arguments[1]) end,
  ['omt.verify'] = function(command) M.verify(command.arguments[1]) end,
  ['omt.showDiagram'] = function(command) M.diagram(command.arguments[1]) end,
}

--- `:OmtRun SCENARIO`, `:OmtVerify [PROPERTY]`, `:OmtDiagram [ACTOR]`, `:OmtMatrix`, `:OmtExplain [CODE]`.
function M.commands(buffer)
  local function command(name, nargs, act)
    vim.api.nvim_buf_create_user_command(buffer, name, function(call)
      act(call.args ~= '' and call.args or nil)
    end, { nargs = nargs })
  end
  command('OmtRun', 1, function(name) M.run({ uri = uri(), scenario = name }) end)
  command('OmtVerify', '?', function(name) M.verify({ uri = uri(), property = name }) end)
  command('OmtDiagram', '?', function(name)
    local at = vim.lsp.util.make_position_params(0, 'utf-16').position
    M.diagram({ uri = uri(), actor = name, position = not name and at or nil })
  end)
  command('OmtMatrix', 0, function() M.matrix({ uri = uri() }) end)
  command('OmtExplain', '?', function(code)
    code = code or code_here()
    if code then
      M.explain(code)
    else
      vim.notify('no finding stands in this line', vim.log.levels.INFO)
    end
  end)
end

return M
