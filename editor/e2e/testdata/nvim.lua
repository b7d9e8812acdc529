-- What the test of Neovim does in Neovim: it looks at server.go of the worked
-- example, asks why, carries one rewrite out from the menu, which puts its questions
-- first, and the rest with
-- :LetgoApply, and saves. With GOPLS set gopls runs beside letgo.
local saw = {}
local gopls = os.getenv("GOPLS") or ""

local function wait(what, done)
  if not vim.wait(60000, done, 20) then
    error("waited in vain for " .. what .. "\n" .. vim.inspect(saw) .. vim.fn.execute("messages"))
  end
end

-- diagnostics lists those of the current buffer, by the name of their server.
local function diagnostics()
  local out = {}
  for _, d in ipairs(vim.diagnostic.get(0)) do
    local severity = vim.diagnostic.severity[d.severity]
    table.insert(out, { source = d.source, severity = severity, line = d.lnum + 1, message = d.message })
  end
  return out
end

local function from(source)
  return #vim.tbl_filter(function(d)
    return d.source == source
  end, diagnostics())
end

-- choose opens the menu of code actions at a line, as a user does, and picks
-- the one whose kind begins with the given one; nil picks none. It returns the
-- titles.
local function choose(line, kind)
  vim.api.nvim_win_set_cursor(0, { line, 1 })
  local titles
  vim.ui.select = function(items, options, picked)
    local found
    titles = {}
    for _, item in ipairs(items) do
      local action = item.action or item[2]
      table.insert(titles, (options.format_item(item):gsub(" %[%w+%]$", "")))
      if kind and not found and action.kind and vim.startswith(action.kind, kind) then
        found = item
      end
    end
    picked(found)
    if kind and not found then
      titles = { "no action of kind " .. kind .. " in", unpack(titles) }
    end
  end
  vim.lsp.buf.code_action()
  wait("the menu at line " .. line, function()
    return titles
  end)
  return titles
end

local function text(buf)
  return table.concat(vim.api.nvim_buf_get_lines(buf or 0, 0, -1, true), "\n")
end

-- shown waits for a window with a document of the server, and closes it.
local function shown(name)
  wait(name, function()
    return vim.endswith(vim.api.nvim_buf_get_name(0), name)
  end)
  local content = text()
  vim.cmd("bwipeout!")
  return content
end

local function beside()
  vim.api.nvim_create_autocmd("FileType", {
    pattern = "go",
    callback = function(event)
      local start = vim.lsp.start
        or function(config)
          vim.lsp.buf_attach_client(event.buf, vim.lsp.start_client(config))
        end
      start({ name = "gopls", cmd = { gopls }, root_dir = vim.fn.getcwd() })
    end,
  })
end

-- both types something that gopls has to complain about and letgo waits to
-- understand, and takes it back.
local function both()
  vim.api.nvim_buf_set_lines(0, -1, -1, true, { "", "func unused() { x := 1 }" })
  wait("diagnostics of gopls", function()
    return from("compiler") > 0
  end)
  saw.both = diagnostics()
  vim.cmd("silent undo")
  wait("gopls to see that it is put right", function()
    return from("compiler") == 0
  end)
end

local function main()
  require("letgo").setup({ cmd = { vim.env.LETGO, "lsp" }, settings = { tests = true } })
  if gopls ~= "" then
    beside()
  end
  vim.cmd("edit server.go")
  wait("diagnostics", function()
    return from("letgo") > 0
  end)
  saw.before = diagnostics()
  if gopls ~= "" then
    both()
  end

  choose(88, "letgo.explain")
  saw.explained = shown("server-83.txt")
  vim.cmd("LetgoDiff")
  saw.diff = shown("letgo.diff")
  local buf = vim.api.nvim_get_current_buf()
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  for _, answer in ipairs({ 2, 1 }) do -- cancel it, and then apply it
    local asked
    vim.fn.inputlist = function(options)
      asked = { message = options[1], document = text(), changed = vim.api.nvim_buf_get_changedtick(buf) > tick }
      return answer
    end
    saw.menu = choose(88, "quickfix")
    wait("the question", function()
      return asked
    end)
    saw.asked = asked
    if answer == 2 then
      vim.wait(300)
      saw.cancelled = vim.api.nvim_buf_get_changedtick(buf) == tick
    else
      wait("the edit", function()
        return vim.api.nvim_buf_get_changedtick(buf) > tick
      end)
    end
    vim.cmd("bwipeout!") -- the document with the questions
  end
  wait("the finding to go", function()
    return from("letgo") == 0
  end)
  saw.after = #diagnostics()
  vim.cmd("LetgoApply review")
  wait("the other file to change", function()
    return vim.fn.bufexists("hub.go") == 1 and vim.fn.getbufvar("hub.go", "&modified") == 1
  end)
  vim.cmd("silent wall")
end

local ok, err = xpcall(main, debug.traceback)
vim.fn.writefile({ vim.json.encode(saw) }, vim.env.OUT)
if not ok then
  io.stderr:write(err .. "\n")
  vim.cmd("cquit")
end
vim.cmd("qall!")
