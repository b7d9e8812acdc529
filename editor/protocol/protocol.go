// Package protocol has the part of the language server protocol, version 3.17,
// that letgo speaks, as it goes over the wire.
//
// Generated packages have all of the protocol, some eight hundred types. To compile
// one took a sixth of the time to build letgo, for the sixty types that stand here.
package protocol

import "encoding/json"

// A Position is a line and UTF-16 code units in it, both from 0.
type Position struct {
	Line      uint32 `json:"line"`
	Character uint32 `json:"character"`
}

type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

type Location struct {
	URI   URI   `json:"uri"`
	Range Range `json:"range"`
}

// InitializeParams is what a client says of itself.
type InitializeParams struct {
	ProcessID             *int32             `json:"processId"`
	ClientInfo            ClientInfo         `json:"clientInfo"`
	RootPath              string             `json:"rootPath"`
	RootURI               *URI               `json:"rootUri"`
	InitializationOptions json.RawMessage    `json:"initializationOptions"`
	Capabilities          ClientCapabilities `json:"capabilities"`
	WorkspaceFolders      []WorkspaceFolder  `json:"workspaceFolders"`
}

type ClientInfo struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type WorkspaceFolder struct {
	URI  URI    `json:"uri"`
	Name string `json:"name"`
}

// ClientCapabilities are those that letgo makes use of. What a client does not
// mention is zero.
type ClientCapabilities struct {
	Workspace    WorkspaceCapabilities    `json:"workspace"`
	TextDocument TextDocumentCapabilities `json:"textDocument"`
	Window       WindowCapabilities       `json:"window"`
}

type WorkspaceCapabilities struct {
	ApplyEdit              bool                      `json:"applyEdit"`
	Configuration          bool                      `json:"configuration"`
	WorkspaceEdit          WorkspaceEditCapabilities `json:"workspaceEdit"`
	DidChangeWatchedFiles  DynamicRegistration       `json:"didChangeWatchedFiles"`
	DidChangeConfiguration DynamicRegistration       `json:"didChangeConfiguration"`
}

type DynamicRegistration struct {
	DynamicRegistration bool `json:"dynamicRegistration"`
}

type WorkspaceEditCapabilities struct {
	DocumentChanges    bool     `json:"documentChanges"`
	ResourceOperations []string `json:"resourceOperations"`
	SnippetEditSupport bool     `json:"snippetEditSupport"`
}

type TextDocumentCapabilities struct {
	PublishDiagnostics struct {
		RelatedInformation     bool `json:"relatedInformation"`
		CodeDescriptionSupport bool `json:"codeDescriptionSupport"`
	} `json:"publishDiagnostics"`
	CodeAction struct {
		DisabledSupport    bool `json:"disabledSupport"`
		IsPreferredSupport bool `json:"isPreferredSupport"`
		DataSupport        bool `json:"dataSupport"`
		ResolveSupport     struct {
			Properties []string `json:"properties"`
		} `json:"resolveSupport"`
	} `json:"codeAction"`
}

type WindowCapabilities struct {
	WorkDoneProgress bool `json:"workDoneProgress"`
	ShowMessage      *struct {
		MessageActionItem *struct{} `json:"messageActionItem"`
	} `json:"showMessage"`
	ShowDocument struct {
		Support bool `json:"support"`
	} `json:"showDocument"`
}

// InitializeResult is what the server says of itself.
type InitializeResult struct {
	Capabilities ServerCapabilities `json:"capabilities"`
	ServerInfo   ServerInfo         `json:"serverInfo"`
}

type ServerInfo struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type ServerCapabilities struct {
	TextDocumentSync       TextDocumentSyncOptions `json:"textDocumentSync"`
	CodeActionProvider     CodeActionOptions       `json:"codeActionProvider"`
	ExecuteCommandProvider ExecuteCommandOptions   `json:"executeCommandProvider"`
	Workspace              WorkspaceOptions        `json:"workspace"`
}

type TextDocumentSyncOptions struct {
	OpenClose bool                 `json:"openClose"`
	Change    TextDocumentSyncKind `json:"change"`
	Save      SaveOptions          `json:"save"`
}

type TextDocumentSyncKind int

const TextDocumentSyncKindIncremental TextDocumentSyncKind = 2

type SaveOptions struct {
	IncludeText bool `json:"includeText"`
}

type CodeActionOptions struct {
	CodeActionKinds []CodeActionKind `json:"codeActionKinds"`
	ResolveProvider bool             `json:"resolveProvider"`
}

type ExecuteCommandOptions struct {
	Commands []string `json:"commands"`
}

type WorkspaceOptions struct {
	WorkspaceFolders WorkspaceFoldersServerCapabilities `json:"workspaceFolders"`
}

type WorkspaceFoldersServerCapabilities struct {
	Supported           bool `json:"supported"`
	ChangeNotifications bool `json:"changeNotifications"`
}

// RegistrationParams asks the client to tell of something.
type RegistrationParams struct {
	Registrations []Registration `json:"registrations"`
}

type Registration struct {
	ID              string `json:"id"`
	Method          string `json:"method"`
	RegisterOptions any    `json:"registerOptions,omitempty"`
}

type DidChangeWatchedFilesRegistrationOptions struct {
	Watchers []FileSystemWatcher `json:"watchers"`
}

type FileSystemWatcher struct {
	GlobPattern string `json:"globPattern"`
}

type ConfigurationParams struct {
	Items []ConfigurationItem `json:"items"`
}

type ConfigurationItem struct {
	Section string `json:"section"`
}

type DidChangeConfigurationParams struct {
	Settings json.RawMessage `json:"settings"`
}

type DidChangeWorkspaceFoldersParams struct {
	Event struct {
		Added   []WorkspaceFolder `json:"added"`
		Removed []WorkspaceFolder `json:"removed"`
	} `json:"event"`
}

type DidChangeWatchedFilesParams struct {
	Changes []FileEvent `json:"changes"`
}

type FileEvent struct {
	URI  URI            `json:"uri"`
	Type FileChangeType `json:"type"`
}

type FileChangeType int

// FileChangeTypeChanged is the type of changes of a file that was there before and
// still is.
const FileChangeTypeChanged FileChangeType = 2

type TextDocumentIdentifier struct {
	URI URI `json:"uri"`
}

type VersionedTextDocumentIdentifier struct {
	URI     URI   `json:"uri"`
	Version int32 `json:"version"`
}

type DidOpenTextDocumentParams struct {
	TextDocument struct {
		URI     URI    `json:"uri"`
		Version int32  `json:"version"`
		Text    string `json:"text"`
	} `json:"textDocument"`
}

type DidChangeTextDocumentParams struct {
	TextDocument   VersionedTextDocumentIdentifier  `json:"textDocument"`
	ContentChanges []TextDocumentContentChangeEvent `json:"contentChanges"`
}

// A TextDocumentContentChangeEvent replaces a range, or the whole text if there is
// none.
type TextDocumentContentChangeEvent struct {
	Range *Range `json:"range"`
	Text  string `json:"text"`
}

type DidSaveTextDocumentParams struct {
	TextDocument TextDocumentIdentifier `json:"textDocument"`
}

type DidCloseTextDocumentParams struct {
	TextDocument TextDocumentIdentifier `json:"textDocument"`
}

type PublishDiagnosticsParams struct {
	URI         URI          `json:"uri"`
	Version     *int32       `json:"version,omitempty"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

type Diagnostic struct {
	Range              Range                          `json:"range"`
	Severity           DiagnosticSeverity             `json:"severity,omitempty"`
	Code               string                         `json:"code,omitempty"`
	CodeDescription    *CodeDescription               `json:"codeDescription,omitempty"`
	Source             string                         `json:"source,omitempty"`
	Message            string                         `json:"message"`
	RelatedInformation []DiagnosticRelatedInformation `json:"relatedInformation,omitempty"`
}

type DiagnosticSeverity int

const (
	DiagnosticSeverityWarning     DiagnosticSeverity = 2
	DiagnosticSeverityInformation DiagnosticSeverity = 3
)

type CodeDescription struct {
	Href string `json:"href"`
}

type DiagnosticRelatedInformation struct {
	Location Location `json:"location"`
	Message  string   `json:"message"`
}

type CodeActionParams struct {
	TextDocument TextDocumentIdentifier `json:"textDocument"`
	Range        Range                  `json:"range"`
	Context      CodeActionContext      `json:"context"`
}

// A CodeActionContext says which actions the client wants. The diagnostics in it are
// left unread: letgo knows its own.
type CodeActionContext struct {
	Only        []CodeActionKind      `json:"only"`
	TriggerKind CodeActionTriggerKind `json:"triggerKind"`
}

type CodeActionTriggerKind int

const CodeActionTriggerKindAutomatic CodeActionTriggerKind = 2

type CodeActionKind string

const CodeActionKindQuickFix CodeActionKind = "quickfix"

// A CodeAction is something that the user can choose. Diagnostics is as the client
// sent it where it comes back to be resolved.
type CodeAction struct {
	Title       string              `json:"title"`
	Kind        CodeActionKind      `json:"kind,omitempty"`
	Diagnostics []Diagnostic        `json:"diagnostics,omitempty"`
	IsPreferred bool                `json:"isPreferred,omitempty"`
	Disabled    *CodeActionDisabled `json:"disabled,omitempty"`
	Edit        *WorkspaceEdit      `json:"edit,omitempty"`
	Command     *Command            `json:"command,omitempty"`
	Data        json.RawMessage     `json:"data,omitempty"`
}

type CodeActionDisabled struct {
	Reason string `json:"reason"`
}

type Command struct {
	Title     string            `json:"title"`
	Command   string            `json:"command"`
	Arguments []json.RawMessage `json:"arguments,omitempty"`
}

type ExecuteCommandParams struct {
	Command   string            `json:"command"`
	Arguments []json.RawMessage `json:"arguments"`
}

// A WorkspaceEdit changes files, by Changes or by DocumentChanges.
type WorkspaceEdit struct {
	Changes         map[URI][]TextEdit `json:"changes,omitempty"`
	DocumentChanges []DocumentChange   `json:"documentChanges,omitempty"`
}

// A DocumentChange is a [*TextDocumentEdit] or a [*CreateFile].
type DocumentChange interface{ documentChange() }

type TextDocumentEdit struct {
	TextDocument OptionalVersionedTextDocumentIdentifier `json:"textDocument"`
	Edits        []TextEdit                              `json:"edits"`
}

type CreateFile struct {
	Kind string `json:"kind"` // "create"
	URI  URI    `json:"uri"`
}

func (*TextDocumentEdit) documentChange() {}
func (*CreateFile) documentChange()       {}

// OptionalVersionedTextDocumentIdentifier has a version if the file is open.
type OptionalVersionedTextDocumentIdentifier struct {
	URI     URI    `json:"uri"`
	Version *int32 `json:"version"`
}

// A TextEdit replaces a range by NewText or, in a client that takes them, by a
// snippet.
type TextEdit struct {
	Range   Range        `json:"range"`
	NewText string       `json:"newText"`
	Snippet *StringValue `json:"snippet,omitempty"`
}

type StringValue struct {
	Kind  string `json:"kind"` // "snippet"
	Value string `json:"value"`
}

type ApplyWorkspaceEditParams struct {
	Label string        `json:"label,omitempty"`
	Edit  WorkspaceEdit `json:"edit"`
}

type ApplyWorkspaceEditResult struct {
	Applied       bool   `json:"applied"`
	FailureReason string `json:"failureReason"`
}

type MessageType int

const (
	MessageTypeError   MessageType = 1
	MessageTypeWarning MessageType = 2
	MessageTypeInfo    MessageType = 3
)

type ShowMessageParams struct {
	Type    MessageType `json:"type"`
	Message string      `json:"message"`
}

type LogMessageParams ShowMessageParams

// ShowMessageRequestParams asks the user to choose. The result is the item chosen.
type ShowMessageRequestParams struct {
	Type    MessageType         `json:"type"`
	Message string              `json:"message"`
	Actions []MessageActionItem `json:"actions"`
}

type MessageActionItem struct {
	Title string `json:"title"`
}

type ShowDocumentParams struct {
	URI       URI  `json:"uri"`
	TakeFocus bool `json:"takeFocus"`
}

type WorkDoneProgressCreateParams struct {
	Token string `json:"token"`
}

type ProgressParams struct {
	Token string           `json:"token"`
	Value WorkDoneProgress `json:"value"`
}

type WorkDoneProgress struct {
	Kind  string `json:"kind"` // "begin" or "end"
	Title string `json:"title,omitempty"`
}
