package shapes_test

import (
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/patterns"
)

var table = sync.OnceValue(func() *patterns.Table {
	if d := patterns.DefaultTable(); len(d.Names()) > 0 {
		return d
	}
	tab, err := patterns.ParseTable("small", strings.NewReader(`
bufio.NewReader wraps 0
bufio.NewWriter wraps 0
(*bufio.Writer).Flush via recv.Write unsafe writes what is buffered
(*bufio.Writer).WriteString via recv.Write unsafe writes through when its buffer is full
encoding/json.NewEncoder wraps 0
(*encoding/json.Encoder).Encode via recv.Write unsafe writes the encoded value
fmt.Fprintf via 0.Write safe writes to its first argument
fmt.Fprintln via 0.Write safe writes to its first argument
io.Copy via 0.Write safe writes to its first argument
io.Copy via 1.Read safe reads its second argument to the end
(net.Conn).Read net read safe waits for data from the peer
(net.Conn).Write net write safe waits until the system has taken the data to send
net/http.Get http write safe waits for the response
net/http.Post http write safe waits for the response
(*net/http.Client).Do http write safe waits for the response
(net/http.ResponseWriter).Write http write unknown sends data to the client
(net/http.RoundTripper).RoundTrip http write safe waits for the response
os.ReadFile disk read safe reads the file
os.Open disk read safe opens the file
os.Remove disk write safe removes the file
os.WriteFile disk write safe writes the file
(*os.File).Read disk read safe reads from the file
(*os.File).Write disk write safe writes to the file
(*os.File).WriteString disk write safe writes to the file
(*os.File).Close disk write safe closes the file
(*os.File).Sync fsync write safe waits until the file is on stable storage
(*database/sql.Rows).Next db read unsafe waits for the next row
(*database/sql.DB).Exec db write safe runs the statement
(*os/exec.Cmd).Run exec write unsafe waits
(*os/exec.Cmd).Wait exec write unsafe waits
(*sync.Cond).Wait wait wait safe waits for Signal or Broadcast
(*sync.WaitGroup).Wait wait wait safe waits for the goroutines of the group
(*sync.WaitGroup).Go spawns 0
(*sync.Map).Range calls 0
(*sync.Once).Do calls 0
slices.SortFunc calls 1
time.Sleep sleep wait safe sleeps for the given time
`))
	if err != nil {
		panic(err)
	}
	return tab
})
