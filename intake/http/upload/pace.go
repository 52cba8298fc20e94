package upload

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// errSlow: the customer's side sent nothing, or next to nothing, for too long.
// It is an error of tusd, which passes it on as it is.
var errSlow error = handler.NewError("ERR_TOO_SLOW", slowText, http.StatusRequestTimeout)

const slowText = "too little came for too long"

// pace is how slow a body may be: least bytes in each idle of waiting for them.
// There is no other limit of time: a large archive over a poor line may take a day.
type pace struct {
	idle  time.Duration
	least int64
}

// pacedBody ends a body that comes too slowly. Only time spent in Read counts: a
// disk that is slow is not the customer's fault.
type pacedBody struct {
	body   io.ReadCloser
	limits pace
	conn   *http.ResponseController
	left   time.Duration // until the window ends
	came   int64         // in this window
	failed error         // the fault of reading, for those to whom it is not told

	mu      sync.Mutex
	stopped error // why it was interrupted
	over    bool  // the request is: its connection is another's
}

// interrupt ends the body for another reason, at any time and at once: a Read that
// waits, or the next one, gives it.
func (b *pacedBody) interrupt(why handler.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over || b.stopped != nil {
		return
	}
	b.stopped = why
	_ = b.conn.SetReadDeadline(time.Now())
}

func (b *pacedBody) interrupted() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stopped
}

// end is that of the request.
func (b *pacedBody) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
}

func newPacedBody(w http.ResponseWriter, r *http.Request, limits pace) *pacedBody {
	conn := http.NewResponseController(w)
	// A limit that the server has for all answers would end a long upload.
	_ = conn.SetWriteDeadline(time.Time{})
	return &pacedBody{body: r.Body, limits: limits, conn: conn, left: limits.idle}
}

func (b *pacedBody) Read(p []byte) (int, error) {
	begin := time.Now()
	_ = b.conn.SetReadDeadline(begin.Add(b.left)) // where there is none, there is no limit
	// An interrupt before this is seen here, and one after it ends the Read.
	if why := b.interrupted(); why != nil {
		return 0, why
	}
	n, err := b.body.Read(p)
	if why := b.interrupted(); why != nil && err != nil && err != io.EOF {
		err = why
	}
	b.came += int64(n)
	b.left -= time.Since(begin)
	if b.came >= b.limits.least {
		b.left, b.came = b.limits.idle, 0
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || err == nil && b.left <= 0 {
		err = errSlow
	}
	if err != nil && err != io.EOF {
		b.failed = err
	}
	return n, err
}

// Close implements io.Closer.
func (b *pacedBody) Close() error { return b.body.Close() }

// endAnswer leaves time for the answer and little for what is still to come of
// the body, after which the connection ends.
func endAnswer(w http.ResponseWriter, limits pace) {
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(min(limits.idle, 2*time.Second)))
	_ = conn.SetWriteDeadline(time.Now().Add(limits.idle))
	w.Header().Set("Connection", "close")
}
