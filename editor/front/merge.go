package front

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/editor/protocol"
)

// splitOptions makes of one initialize request one for each server. The
// initialization options are gopls' own, but for the member "letgo".
func splitOptions(m *message) (gopls, letgo []byte) {
	var params, options map[string]json.RawMessage
	if json.Unmarshal(m.Params, &params) != nil || params == nil {
		return m.raw, m.raw
	}
	if json.Unmarshal(params["initializationOptions"], &options) != nil {
		options = nil
	}
	own := options["letgo"]
	with := func(value json.RawMessage) []byte {
		delete(params, "initializationOptions")
		if value != nil {
			params["initializationOptions"] = value
		}
		return compose("id", m.ID, "method", m.Method, "params", params)
	}
	gopls = m.raw
	if own != nil {
		delete(options, "letgo")
		gopls = with(compact(options))
	}
	return gopls, with(own)
}

// mergeInitialize adds what letgo can do to what gopls says of itself.
func mergeInitialize(id json.RawMessage, gopls, letgo *message) []byte {
	var all struct {
		Capabilities map[string]json.RawMessage `json:"capabilities"`
	}
	var result map[string]json.RawMessage
	var own struct {
		Capabilities struct {
			CodeActionProvider     codeActionOptions
			ExecuteCommandProvider struct{ Commands []string }
		}
	}
	if letgo.Error != nil || json.Unmarshal(gopls.Result, &result) != nil || json.Unmarshal(gopls.Result, &all) != nil ||
		json.Unmarshal(letgo.Result, &own) != nil || result == nil || all.Capabilities == nil {
		return gopls.raw
	}
	caps := all.Capabilities
	var actions codeActionOptions
	if json.Unmarshal(caps["codeActionProvider"], &actions) == nil && caps["codeActionProvider"] != nil {
		actions.Kinds = union(actions.Kinds, own.Capabilities.CodeActionProvider.Kinds)
		actions.Resolve = actions.Resolve || own.Capabilities.CodeActionProvider.Resolve
		caps["codeActionProvider"] = compact(actions)
	} else if caps["codeActionProvider"] == nil || string(caps["codeActionProvider"]) == "false" {
		caps["codeActionProvider"] = compact(own.Capabilities.CodeActionProvider)
	}
	var commands struct {
		Commands []string `json:"commands"`
	}
	json.Unmarshal(caps["executeCommandProvider"], &commands)
	commands.Commands = union(commands.Commands, own.Capabilities.ExecuteCommandProvider.Commands)
	caps["executeCommandProvider"] = compact(commands)
	result["capabilities"] = compact(caps)
	return compose("id", id, "result", result)
}

// codeActionOptions is the part of the capabilities that both servers have.
type codeActionOptions struct {
	Kinds   []string `json:"codeActionKinds,omitempty"`
	Resolve bool     `json:"resolveProvider,omitempty"`
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// mergeActions puts letgo's code actions behind those of gopls, and marks them.
// A server that gives an error gives no actions, unless the other one does, too.
func mergeActions(id json.RawMessage, gopls, letgo *message) []byte {
	if letgo.Error != nil && (gopls == nil || gopls.Error != nil) {
		return letgo.raw
	}
	all := []json.RawMessage{}
	if gopls != nil && gopls.Error == nil {
		json.Unmarshal(gopls.Result, &all)
	}
	var own []map[string]json.RawMessage
	if letgo.Error == nil {
		json.Unmarshal(letgo.Result, &own)
	}
	for _, a := range own {
		if data, ok := a["data"]; ok {
			a["data"] = compact(map[string]json.RawMessage{ownMark: data})
		}
		all = append(all, compact(a))
	}
	return compose("id", id, "result", all)
}

// ownMark is the only member of the data of letgo's code actions. Their data are
// what tells them from those of gopls when one of them is chosen.
const ownMark = "letgo"

// compact is the JSON of what was parsed before or is made here, and cannot fail.
func compact(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// unmarked returns an action of letgo's as letgo made it, or nil.
func unmarked(action json.RawMessage) json.RawMessage {
	var a, data map[string]json.RawMessage
	if json.Unmarshal(action, &a) != nil || json.Unmarshal(a["data"], &data) != nil || len(data) != 1 || data[ownMark] == nil {
		return nil
	}
	a["data"] = data[ownMark]
	return compact(a)
}

// shown is what is published for one file. A client has one list for a file, so
// each server's list is published together with the last one of the other.
type shown struct {
	uri     string
	lists   [2][]map[string]json.RawMessage
	version *int32 // of the text, if the file is open
	recent  []edit // what the client has changed last, to move what was published before
}

// An edit is a change of a text of the given version, for diagnostics of
// earlier ones.
type edit struct {
	version int32
	span    span
	text    string
}

// A span is a range of the protocol.
type span struct {
	Start spot `json:"start"`
	End   spot `json:"end"`
}

// A spot is a position of the protocol.
type spot struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// keptEdits is how many changes are remembered for a file: more than a client
// sends while a server works out its diagnostics.
const keptEdits = 200

// of returns what is shown for a file.
func (p *front) of(u string) *shown {
	key := u
	if path, ok := protocol.URI(u).Path(); ok {
		key = path
	}
	s := p.shown[key]
	if s == nil {
		s = &shown{}
		p.shown[key] = s
	}
	s.uri = u
	return s
}

type documentParams struct {
	TextDocument struct {
		URI     string `json:"uri"`
		Version int32  `json:"version"`
	} `json:"textDocument"`
	ContentChanges []struct {
		Range *span  `json:"range"`
		Text  string `json:"text"`
	} `json:"contentChanges"`
}

// opened notes the version of a file.
func (p *front) opened(params json.RawMessage) {
	var d documentParams
	if json.Unmarshal(params, &d) == nil {
		s := p.of(d.TextDocument.URI)
		s.version, s.recent = &d.TextDocument.Version, nil
	}
}

// changed moves the diagnostics of a file with its text, as the client does
// with those that it shows.
func (p *front) changed(params json.RawMessage) {
	var d documentParams
	if json.Unmarshal(params, &d) != nil {
		return
	}
	s := p.of(d.TextDocument.URI)
	s.version = &d.TextDocument.Version
	for _, c := range d.ContentChanges {
		if c.Range == nil {
			continue // of the whole text nobody knows what has moved
		}
		e := edit{d.TextDocument.Version, *c.Range, c.Text}
		s.recent = append(s.recent, e)
		for _, list := range s.lists {
			e.move(list)
		}
	}
	s.recent = slices.Delete(s.recent, 0, max(0, len(s.recent)-keptEdits))
}

// diagnostics publishes those of one server together with those of the other.
func (p *front) diagnostics(who int, m *message) {
	var params struct {
		URI         string                       `json:"uri"`
		Version     *int32                       `json:"version"`
		Diagnostics []map[string]json.RawMessage `json:"diagnostics"`
	}
	if json.Unmarshal(m.Params, &params) != nil {
		p.client.Send(m.raw)
		return
	}
	s := p.of(params.URI)
	s.lists[who] = params.Diagnostics
	if params.Version != nil {
		for _, e := range s.recent {
			if e.version > *params.Version {
				e.move(params.Diagnostics)
			}
		}
	}
	if len(s.lists[1-who]) == 0 {
		p.client.Send(m.raw) // as it is
		return
	}
	p.client.Send(s.merged(params.Version))
}

// merged is the message that publishes both lists.
func (s *shown) merged(version *int32) []byte {
	params := map[string]any{"uri": s.uri, "diagnostics": append(append([]map[string]json.RawMessage{}, s.lists[fromGopls]...), s.lists[fromLetgo]...)}
	if version != nil {
		params["version"] = *version
	}
	return compose("method", "textDocument/publishDiagnostics", "params", params)
}

// move changes the ranges of diagnostics as the edit moves the text.
func (e edit) move(list []map[string]json.RawMessage) {
	for _, d := range list {
		var at span
		if json.Unmarshal(d["range"], &at) == nil {
			d["range"] = compact(span{e.moved(at.Start), e.moved(at.End)})
		}
	}
}

// moved returns where a place is after the edit.
func (e edit) moved(p spot) spot {
	start, end := e.span.Start, e.span.End
	switch {
	case p.before(start) || p == start && start != end:
		return p
	case p.before(end):
		return start
	}
	last := e.text[strings.LastIndexByte(e.text, '\n')+1:]
	to := spot{start.Line + strings.Count(e.text, "\n"), protocol.Units(last)}
	if to.Line == start.Line {
		to.Character += start.Character
	}
	if p.Line == end.Line {
		return spot{to.Line, to.Character + p.Character - end.Character}
	}
	return spot{p.Line + to.Line - end.Line, p.Character}
}

func (p spot) before(q spot) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Character < q.Character
}
