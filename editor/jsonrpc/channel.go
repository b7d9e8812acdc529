package jsonrpc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// maxMessage is the length in bytes above which a message is taken for garbage:
// the longest that a client sends is the text of a file.
const maxMessage = 256 << 20

// A Channel frames the messages of the language server protocol. It accepts every
// Content-Type, does not trust lengths, and never blocks the sender: otherwise a client
// that writes before it reads could stop both itself and the server.
type Channel struct {
	in  *bufio.Reader
	out io.Writer

	mu     sync.Mutex
	ready  sync.Cond // on mu: queue, closed or failed has changed
	queue  [][]byte
	closed bool
	err    error         // of a write
	done   chan struct{} // closed when all is written

	received chan received
	ended    chan struct{} // closed by Close
}

// A received is the outcome of reading one message.
type received struct {
	msg []byte
	err error
}

// NewChannel returns a channel that reads from in and writes to out.
func NewChannel(in io.Reader, out io.Writer) *Channel {
	c := &Channel{in: bufio.NewReader(in), out: out, done: make(chan struct{}), received: make(chan received), ended: make(chan struct{})}
	c.ready.L = &c.mu
	go c.write()
	go c.read()
	return c
}

// Send queues a message. The error is that of an earlier write.
func (c *Channel) Send(msg []byte) error {
	frame := fmt.Appendf(make([]byte, 0, len(msg)+32), "Content-Length: %d\r\n\r\n%s", len(msg), msg)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return io.ErrClosedPipe
	}
	c.queue = append(c.queue, frame)
	c.ready.Signal()
	return c.err
}

// write writes what is queued until the channel is closed and all is written.
func (c *Channel) write() {
	defer close(c.done)
	for {
		frames, more := c.next()
		for _, f := range frames {
			if _, err := c.out.Write(f); err != nil {
				c.fail(err)
				return
			}
		}
		if !more {
			return
		}
	}
}

func (c *Channel) next() (frames [][]byte, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) == 0 && !c.closed {
		c.ready.Wait()
	}
	frames, c.queue = c.queue, nil
	return frames, !c.closed
}

func (c *Channel) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err, c.queue = err, nil
}

// Recv returns the next message. Close ends a pending Recv, which closing standard
// input would not.
func (c *Channel) Recv() ([]byte, error) {
	select {
	case r := <-c.received:
		return r.msg, r.err
	case <-c.ended:
		return nil, io.EOF
	}
}

// read reads messages until there are none or somebody closes the channel.
func (c *Channel) read() {
	for {
		msg, err := c.message()
		select {
		case c.received <- received{msg, err}:
		case <-c.ended:
			return
		}
		if err != nil {
			return
		}
	}
}

// message reads the next message. A header or length that makes no sense is an
// error, after which nothing can be read any more: nobody knows where the next
// message begins.
func (c *Channel) message() ([]byte, error) {
	length := -1
	for {
		line, err := c.headerLine()
		if err != nil {
			return nil, err
		}
		if line == "" {
			break
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("no header line: %.80q", line)
		}
		if strings.EqualFold(key, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 || length > maxMessage {
				return nil, fmt.Errorf("no length of a message: %.80q", value)
			}
		}
	}
	if length < 0 {
		return nil, errors.New("a message without Content-Length")
	}
	var msg bytes.Buffer // grows with what comes
	_, err := io.CopyN(&msg, c.in, int64(length))
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return msg.Bytes(), err
}

// headerLine reads one line of a header, without its end.
func (c *Channel) headerLine() (string, error) {
	line, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", fmt.Errorf("no header line: %.80q", line)
	}
	if err != nil {
		if err == io.EOF && len(line) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// Done is closed when the channel is closed and everything queued is written, or cannot
// be.
func (c *Channel) Done() <-chan struct{} { return c.done }

// Close stops receiving and sending; what is queued is still written.
func (c *Channel) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.ended)
		c.ready.Signal()
	}
	return nil
}
