package world

// A Client is a handle as those of the standard library are: its fields are set
// before it is used, and read by the calls that wait.
type Client struct {
	Host      string
	Transport *Transport
	w         *World
}

// A Transport is what a Client sends with.
type Transport struct{ Proxy string }

// Client makes a client.
func (w *World) Client() *Client { return &Client{Transport: &Transport{}, w: w} }

// Do asks the client's host for a value.
func (c *Client) Do(key string) (int, error) {
	h, err := c.w.op("do", c.Host, c.Transport.Proxy, key)
	return int(h % 10), err
}

// A Request says what is asked for.
type Request struct{ Path string }

// Set changes the path.
func (r *Request) Set(path string) { r.Path = path }

// Send sends a request.
func (c *Client) Send(r *Request) error {
	_, err := c.w.op("request", r.Path)
	return err
}

// A Page is what is fetched. Its body is to be closed.
type Page struct {
	Key  string
	Body *Body
}

// A Body is open until it is closed.
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
