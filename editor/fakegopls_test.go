package editor_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/letgo-dev/letgo/editor/lsptest"
)

// The test binary is a server of its own if this variable is set: a gopls that
// does what the tests want. It counts and repeats what it is told.
const fakeVariable = "LETGO_FAKE_GOPLS"

func init() {
	if os.Getenv(fakeVariable) != "" {
		os.Unsetenv(fakeVariable)
		fakeGopls(bufio.NewReader(os.Stdin))
		os.Exit(0)
	}
}

type fakeMessage struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
}

func fakeGopls(in *bufio.Reader) {
	var heard []string
	for {
		raw, err := lsptest.ReadBody(in)
		if err != nil {
			return
		}
		var m fakeMessage
		json.Unmarshal(raw, &m)
		heard = append(heard, m.Method+" "+string(m.ID))
		switch m.Method {
		case "initialize":
			fakeSend(`{"jsonrpc":"2.0","method":"fake/options","params":%s}`, options(m.Params))
			fakeSend(`{"jsonrpc":"2.0","id":%s,"result":{"serverInfo":{"name":"fake"},"capabilities":{"hoverProvider":true,"codeActionProvider":{"codeActionKinds":["quickfix","source.fake"]},"executeCommandProvider":{"commands":["fake.do"]}}}}`, m.ID)
		case "initialized": // asks with the ID that letgo uses, too
			for id := 1; id <= 5; id++ {
				fakeSend(`{"jsonrpc":"2.0","id":%d,"method":"fake/ask","params":{}}`, id)
			}
		case "textDocument/didChange":
			fakeSend(`{"jsonrpc":"2.0","method":"fake/changed","params":%s}`, m.Params)
		case "textDocument/hover", "workspace/executeCommand", "codeAction/resolve":
			fakeSend(`{"jsonrpc":"2.0","method":"fake/before","params":%s}`, m.ID)
			fakeSend(`{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, m.Params)
			fakeSend(`{"jsonrpc":"2.0","method":"fake/after","params":%s}`, m.ID)
		case "fake/heard":
			list, _ := json.Marshal(heard)
			fakeSend(`{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, list)
		case "fake/publish":
			fakeSend(`{"jsonrpc":"2.0","method":"textDocument/publishDiagnostics","params":%s}`, m.Params)
		case "textDocument/codeAction":
			fakeSend(`{"jsonrpc":"2.0","id":%s,"result":[{"title":"fake","kind":"quickfix","data":{"fake":1}}]}`, m.ID)
		case "fake/stall": // answers nothing
		case "fake/die":
			os.Exit(3)
		case "fake/garbage":
			io.WriteString(os.Stdout, "panic: no message\n\n")
		case "shutdown":
			fakeSend(`{"jsonrpc":"2.0","id":%s,"result":null}`, m.ID)
		case "exit", "fake/quit":
			return
		}
	}
}

func options(params json.RawMessage) json.RawMessage {
	var p struct {
		InitializationOptions json.RawMessage `json:"initializationOptions"`
	}
	json.Unmarshal(params, &p)
	if p.InitializationOptions == nil {
		return json.RawMessage("null")
	}
	return p.InitializationOptions
}

func fakeSend(format string, args ...any) {
	body := fmt.Sprintf(format, args...)
	fmt.Fprintf(os.Stdout, "Content-Length: %d\r\n\r\n%s", len(body), body)
}
