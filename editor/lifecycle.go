package editor

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// A client is what the client can do.
type client struct {
	name          string
	relatedInfo   bool // related information of diagnostics
	codeHref      bool // a link to the documentation of a diagnostic's code
	resolve       bool // code actions get their edit when they are chosen
	disabled      bool // code actions that do not apply, with the reason
	preferred     bool
	versioned     bool // edits that name the version of a document
	create        bool // edits that create a file
	annotations   bool // edits that need confirmation
	snippets      bool // edits that leave the cursor in a place to fill in
	configuration bool // asks for settings
	watch         bool // tells of changes on disk
	reconfigure   bool // tells of changed settings once it is asked to
	progress      bool
	showDocument  bool
}

// admit says whether a method may be called in the present state.
func (s *server) admit(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case method == "exit":
		return nil
	case s.state == fresh && method != "initialize":
		return errNotInitialized
	case s.state >= down:
		return errShutDown
	}
	return nil
}

func on(b *bool) bool { return b != nil && *b }

func ptr[T any](v T) *T { return &v }

// capabilities reads what the client can do.
func capabilities(p *protocol.InitializeParams) client {
	c := client{name: p.ClientInfo.Name}
	if w := p.Capabilities.Workspace; w != nil {
		c.configuration = on(w.Configuration)
		c.watch = w.DidChangeWatchedFiles != nil && on(w.DidChangeWatchedFiles.DynamicRegistration)
		c.reconfigure = w.DidChangeConfiguration != nil && on(w.DidChangeConfiguration.DynamicRegistration)
		if e := w.WorkspaceEdit; e != nil {
			c.versioned = on(e.DocumentChanges)
			c.create = c.versioned && slices.Contains(e.ResourceOperations, protocol.ResourceOperationKindCreate)
			c.annotations = c.versioned && e.ChangeAnnotationSupport != nil
			c.snippets = c.versioned && on(e.SnippetEditSupport)
		}
	}
	if w := p.Capabilities.Window; w != nil {
		c.progress = on(w.WorkDoneProgress)
		c.showDocument = w.ShowDocument != nil && w.ShowDocument.Support
	}
	t := p.Capabilities.TextDocument
	if t == nil {
		return c
	}
	if d := t.PublishDiagnostics; d != nil {
		c.relatedInfo, c.codeHref = on(d.RelatedInformation), on(d.CodeDescriptionSupport)
	}
	if a := t.CodeAction; a != nil {
		c.disabled, c.preferred = on(a.DisabledSupport), on(a.IsPreferredSupport)
		c.resolve = on(a.DataSupport) && slices.Contains(a.ResolveSupport.Properties, "edit")
	}
	return c
}

func (s *server) initialize(_ context.Context, p *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != fresh {
		return nil, errTwice
	}
	s.state = running
	s.client = capabilities(p)
	s.folders = foldersOf(p)
	if p.ProcessID != nil && *p.ProcessID > 0 {
		go s.watchParent(int(*p.ProcessID))
	}
	if len(p.InitializationOptions) > 0 && string(p.InitializationOptions) != "null" {
		s.setSettings(p.InitializationOptions)
	}
	return &protocol.InitializeResult{
		Capabilities: s.offered(),
		ServerInfo:   protocol.ServerInfo{Name: "letgo", Version: protocol.NewOptional(s.opts.Version)},
	}, nil
}

// offered is what the server can do.
func (s *server) offered() protocol.ServerCapabilities {
	return protocol.ServerCapabilities{
		TextDocumentSync: &protocol.TextDocumentSyncOptions{
			OpenClose: ptr(true),
			Change:    ptr(protocol.TextDocumentSyncKindIncremental),
			Save:      &protocol.SaveOptions{IncludeText: ptr(false)},
		},
		CodeActionProvider:     &protocol.CodeActionOptions{CodeActionKinds: s.actionKinds(), ResolveProvider: ptr(s.client.resolve)},
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{Commands: []string{commandExplain, commandDiff, commandApply}},
		Workspace: &protocol.WorkspaceOptions{WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{
			Supported: ptr(true), ChangeNotifications: protocol.Boolean(true),
		}},
	}
}

// foldersOf returns the directories that the client has open, by whichever of
// the three ways it says so.
func foldersOf(p *protocol.InitializeParams) []string {
	var out []string
	folders, _ := p.WorkspaceFolders.Get()
	for _, f := range folders {
		out = appendPath(out, f.URI)
	}
	if root, ok := p.RootPath.Get(); ok && len(out) == 0 && p.RootURI == nil && filepath.IsAbs(root) {
		out = append(out, filepath.Clean(root))
	}
	if len(out) == 0 && p.RootURI != nil {
		out = appendPath(out, *p.RootURI)
	}
	return out
}

func appendPath(list []string, u uri.URI) []string {
	if path, ok := pathOf(u); ok {
		return append(list, path)
	}
	return list
}

func (s *server) initialized(context.Context, *protocol.InitializedParams) error {
	go s.register()
	go s.configure()
	return nil
}

// register asks the client to tell of changes on disk and of settings.
func (s *server) register() {
	var list []protocol.Registration
	if s.client.watch {
		var watchers []protocol.FileSystemWatcher
		for _, glob := range []string{"**/*.go", "**/go.{mod,sum,work}", "**/.letgo.yaml"} {
			watchers = append(watchers, protocol.FileSystemWatcher{GlobPattern: protocol.Pattern(glob)})
		}
		list = append(list, protocol.Registration{
			ID: "letgo-files", Method: "workspace/didChangeWatchedFiles",
			RegisterOptions: protocol.LSPAny(must(&protocol.DidChangeWatchedFilesRegistrationOptions{Watchers: watchers})),
		})
	}
	if s.client.reconfigure {
		list = append(list, protocol.Registration{
			ID: "letgo-settings", Method: "workspace/didChangeConfiguration",
			RegisterOptions: protocol.LSPAny(`{"section":"letgo"}`),
		})
	}
	if len(list) == 0 {
		return
	}
	if err := s.ask(s.ctx, "client/registerCapability", &protocol.RegistrationParams{Registrations: list}, nil); err != nil {
		s.debugf("client/registerCapability: %v", err)
	}
}

func (s *server) shutdown(context.Context, *struct{}) (*struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = down
	return nil, nil
}

func (s *server) exit(context.Context, *struct{}) error {
	s.mu.Lock()
	if s.state == down {
		s.state = exited
	} else {
		s.state = running
	}
	s.mu.Unlock()
	s.stop()
	return nil
}

// watchParent ends the server when the process of the client has gone without
// closing the connection.
func (s *server) watchParent(pid int) {
	if runtime.GOOS == "windows" {
		return // signal 0 does not exist there; the connection has to tell
	}
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			p, err := os.FindProcess(pid)
			if err == nil {
				err = p.Signal(syscall.Signal(0))
			}
			if err != nil && !os.IsPermission(err) {
				s.debugf("the client's process %d has gone: %v", pid, err)
				s.stop()
				return
			}
		}
	}
}

func (s *server) didChangeWorkspaceFolders(_ context.Context, p *protocol.DidChangeWorkspaceFoldersParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range p.Event.Removed {
		if path, ok := pathOf(f.URI); ok {
			s.folders = slices.DeleteFunc(s.folders, func(d string) bool { return d == path })
		}
	}
	for _, f := range p.Event.Added {
		s.folders = appendPath(s.folders, f.URI)
	}
	clear(s.places)
	s.dropViews()
	return nil
}
