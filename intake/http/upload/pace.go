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

	mu    sync.Mutex
	ended error // why nothing is read any more
}

func newPacedBody(w http.ResponseWriter, r *http.Request, limits pace) *pacedBody {
	conn := http.NewResponseController(w)
	// A limit that the server has for all answers would end a long upload.
	_ = conn.SetWriteDeadline(time.Time{})
	return &pacedBody{body: r.Body, limits: limits, conn: conn, left: limits.idle}
}

func (b *pacedBody) Read(p []byte) (int, error) {
	begin := time.Now()
	if err := b.begin(begin.Add(b.left)); err != nil {
		return 0, err
	}
	n, err := b.body.Read(p)
	b.came += int64(n)
	b.left -= time.Since(begin)
	if b.came >= b.limits.least {
		b.left, b.came = b.limits.idle, 0
	}
	switch late := errors.Is(err, os.ErrDeadlineExceeded); {
	case late && b.why() != nil:
		err = b.why()
	case late || err == nil && b.left <= 0:
		err = errSlow
	}
	if err != nil && err != io.EOF {
		b.failed = err
	}
	return n, err
}

// begin sets the time of a read, unless there are to be none.
func (b *pacedBody) begin(deadline time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended == nil {
		_ = b.conn.SetReadDeadline(deadline) // where there is none, there is no limit
	}
	return b.ended
}

func (b *pacedBody) why() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended
}

// end lets this read, and all that follow, fail with err.
func (b *pacedBody) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = err
	_ = b.conn.SetReadDeadline(time.Unix(1, 0))
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
