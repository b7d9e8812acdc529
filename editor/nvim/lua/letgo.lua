-- letgo for the language client of Neovim, 0.7 or newer. It runs beside gopls.
--
--   require("letgo").setup({
--     cmd = { "letgo", "lsp" },     -- how to start it
--     settings = { tests = true },  -- see "letgo help editor"
--   })
--
-- :LetgoDiff shows the diff of all rewrites in the workspace, :LetgoApply
-- applies the safe ones, and :LetgoApply review all of them.
local M = {}

-- root returns the directory of the go.work or go.mod that a file belongs to.
local function root(file)
  local dir = vim.fn.fnamemodify(file, ":p:h")
  for _, name in ipairs({ "go.work", "go.mod" }) do
    local found = vim.fn.findfile(name, vim.fn.fnameescape(dir) .. ";")
    if found ~= "" then
      return vim.fn.fnamemodify(found, ":p:h")
    end
  end
  return dir
end

-- attach gives a buffer the client of its directory. Neovim has vim.lsp.start
-- for this since 0.8.
local started = {}
local function attach(buf, config)
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buf })
    return
  end
  local id = started[config.root_dir]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(config)
    started[config.root_dir] = id
  end
  if id then
    vim.lsp.buf_attach_client(buf, id)
  end
end

-- command sends a command of letgo's to the server of the buffer.
local function command(name, argument)
  local clients = vim.lsp.get_clients or vim.lsp.get_active_clients
  for _, client in ipairs(clients()) do
    if client.name == "letgo" and vim.lsp.buf_is_attached(0, client.id) then
      local params = { command = name, arguments = { argument } }
      local function done(err)
        if err then
          vim.notify("letgo: " .. err.message, vim.log.levels.ERROR)
        end
      end
      if vim.fn.has("nvim-0.11") == 1 then
        client:request("workspace/executeCommand", params, done)
      else
        client.request("workspace/executeCommand", params, done)
      end
      return
    end
  end
  vim.notify("letgo: letgo is not running for this buffer", vim.log.levels.WARN)
end

-- show opens a document that the server wants shown. Neovim does it by itself
-- since 0.9.
local function show(_, params)
  vim.cmd("split " .. vim.fn.fnameescape(vim.uri_to_fname(params.uri)))
  return { success = true }
end

function M.setup(opts)
  opts = opts or {}
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  capabilities.window.showDocument = { support = true }
  local function start(buf)
    attach(buf, {
      name = "letgo",
      cmd = opts.cmd or { "letgo", "lsp" },
      root_dir = root(vim.api.nvim_buf_get_name(buf)),
      settings = { letgo = opts.settings or vim.empty_dict() },
      capabilities = capabilities,
      handlers = { ["window/showDocument"] = vim.lsp.handlers["window/showDocument"] or show },
    })
  end
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("letgo", {}),
    pattern = "go",
    callback = function(event)
      start(event.buf)
    end,
  })
  vim.api.nvim_create_user_command("LetgoDiff", function()
    command("letgo.diff", vim.empty_dict())
  end, { desc = "Show the diff of all rewrites in the workspace" })
  vim.api.nvim_create_user_command("LetgoApply", function(c)
    command("letgo.apply", { grade = c.args ~= "" and c.args or "safe" })
  end, {
    desc = "Apply the safe rewrites in the workspace, or all with \"review\"",
    nargs = "?",
    complete = function()
      return { "safe", "review" }
    end,
  })
end

return M
