package editor

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/letgo-dev/letgo/editor/protocol"
)

// A client is what the client can do.
type client struct {
	name          string
	relatedInfo   bool // related information of diagnostics
	codeHref      bool // a link to the documentation of a diagnostic's code
	resolve       bool // code actions get their edit when they are chosen
	disabled      bool // code actions that do not apply, with the reason
	preferred     bool
	applyEdit     bool // makes edits that the server asks for
	versioned     bool // edits that name the version of a document
	create        bool // edits that create a file
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

// capabilities reads what the client can do.
func capabilities(p *protocol.InitializeParams) client {
	w, t := p.Capabilities.Workspace, p.Capabilities.TextDocument
	versioned := w.WorkspaceEdit.DocumentChanges
	return client{
		name:          p.ClientInfo.Name,
		configuration: w.Configuration,
		watch:         w.DidChangeWatchedFiles.DynamicRegistration,
		reconfigure:   w.DidChangeConfiguration.DynamicRegistration,
		applyEdit:     w.ApplyEdit,
		versioned:     versioned,
		create:        versioned && slices.Contains(w.WorkspaceEdit.ResourceOperations, "create"),
		snippets:      versioned && w.WorkspaceEdit.SnippetEditSupport,
		progress:      p.Capabilities.Window.WorkDoneProgress,
		showDocument:  p.Capabilities.Window.ShowDocument.Support,
		relatedInfo:   t.PublishDiagnostics.RelatedInformation,
		codeHref:      t.PublishDiagnostics.CodeDescriptionSupport,
		disabled:      t.CodeAction.DisabledSupport,
		preferred:     t.CodeAction.IsPreferredSupport,
		resolve:       t.CodeAction.DataSupport && slices.Contains(t.CodeAction.ResolveSupport.Properties, "edit"),
	}
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
		ServerInfo:   protocol.ServerInfo{Name: "letgo", Version: s.opts.Version},
	}, nil
}

// offered is what the server can do.
func (s *server) offered() protocol.ServerCapabilities {
	return protocol.ServerCapabilities{
		TextDocumentSync:       protocol.TextDocumentSyncOptions{OpenClose: true, Change: protocol.TextDocumentSyncKindIncremental},
		CodeActionProvider:     protocol.CodeActionOptions{CodeActionKinds: s.actionKinds(), ResolveProvider: s.client.resolve},
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{Commands: []string{commandExplain, commandReview, commandDiff, commandApply}},
		Workspace: protocol.WorkspaceOptions{
			WorkspaceFolders: protocol.WorkspaceFoldersServerCapabilities{Supported: true, ChangeNotifications: true},
		},
	}
}

// foldersOf returns the directories that the client has open, by whichever of
// the three ways it says so.
func foldersOf(p *protocol.InitializeParams) []string {
	var out []string
	for _, f := range p.WorkspaceFolders {
		out = appendPath(out, f.URI)
	}
	if len(out) == 0 && p.RootURI == nil && filepath.IsAbs(p.RootPath) {
		out = append(out, filepath.Clean(p.RootPath))
	}
	if len(out) == 0 && p.RootURI != nil {
		out = appendPath(out, *p.RootURI)
	}
	return out
}

func appendPath(list []string, u protocol.URI) []string {
	if path, ok := pathOf(u); ok {
		return append(list, path)
	}
	return list
}

func (s *server) initialized(context.Context, *struct{}) error {
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
			watchers = append(watchers, protocol.FileSystemWatcher{GlobPattern: glob})
		}
		list = append(list, protocol.Registration{
			ID: "letgo-files", Method: "workspace/didChangeWatchedFiles",
			RegisterOptions: protocol.DidChangeWatchedFilesRegistrationOptions{Watchers: watchers},
		})
	}
	if s.client.reconfigure {
		list = append(list, protocol.Registration{
			ID: "letgo-settings", Method: "workspace/didChangeConfiguration",
			RegisterOptions: protocol.ConfigurationItem{Section: "letgo"},
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
