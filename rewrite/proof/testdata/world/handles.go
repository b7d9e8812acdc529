package world

// A Client is a handle like http.Client: its fields are set before use and read by
// calls that wait.
type Client struct {
	Host      string
	Transport *Transport
	w         *World
}

// A Transport is part of a Client's configuration.
type Transport struct{ Proxy string }

// Client returns a new client.
func (w *World) Client() *Client { return &Client{Transport: &Transport{}, w: w} }

// Do fetches a value from the client's host.
func (c *Client) Do(key string) (int, error) {
	h, err := c.w.op("do", c.Host, c.Transport.Proxy, key)
	return int(h % 10), err
}

// A Request is a request to a Client's host.
type Request struct{ Path string }

// Set changes the path.
func (r *Request) Set(path string) { r.Path = path }

// Send sends a request.
func (c *Client) Send(r *Request) error {
	_, err := c.w.op("request", r.Path)
	return err
}

// A Page is a fetched page, whose body must be closed.
type Page struct {
	Key  string
	Body *Body
}

// A Body is the body of a Page.
type Body struct {
	w      *World
	closed bool
}

// Fetch fetches a page.
func (c *Client) Fetch(key string) (*Page, error) {
	_, err := c.w.op("fetch", key)
	if err != nil {
		return nil, err
	}
	c.w.open.Add(1)
	return &Page{key, &Body{w: c.w}}, nil
}

// Close closes the body.
func (b *Body) Close() error {
	if !b.closed {
		b.closed = true
		b.w.open.Add(-1)
	}
	return nil
}

// A Link is a connection that panics when used after Close.
type Link struct {
	w      *World
	closed bool
}

// Link returns a new link.
func (c *Client) Link() *Link { return &Link{w: c.w} }

// Send sends a message.
func (l *Link) Send(text string) error {
	_, err := l.w.op("link", text)
	if !l.w.quiet && l.closed {
		panic("use of closed link")
	}
	return err
}

// Close closes the link.
func (l *Link) Close() {
	if !l.w.quiet {
		l.closed = true
	}
}

// A Stream is a writer that panics on concurrent use.
type Stream struct {
	w    *World
	busy bool
}

// Stream returns a new stream.
func (c *Client) Stream() *Stream { return &Stream{w: c.w} }

// Write writes a record.
func (s *Stream) Write(record string) error {
	if s.w.quiet {
		_, err := s.w.op("stream", record)
		return err
	}
	if s.busy {
		panic("stream is used twice at once")
	}
	s.busy = true
	defer func() { s.busy = false }()
	_, err := s.w.op("stream", record)
	return err
}

// An Output is an [io.Writer] whose reader may be slow. Only the text written
// matters, not how it is split into writes.
type Output struct {
	w    *World
	Text []byte
}

// Write writes some text.
func (o *Output) Write(b []byte) (int, error) {
	o.w.wait("write")
	o.Text = append(o.Text, b...)
	return len(b), nil
}
