package upload

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// statusChecksum is tus's answer to a checksum that does not fit.
const statusChecksum = 460

// errBlocked: the address tried too many tokens.
var errBlocked = errors.New("too many wrong tokens")

// errChecksum: what came is not what the client promised.
var errChecksum = errors.New("the checksum of what came is another than the client's")

// answer is what a client is told.
type answer struct {
	status int
	header map[string]string
	body   any // JSON
}

func detail(text string) map[string]string { return map[string]string{"detail": text} }

func (a answer) json() []byte {
	data, err := json.Marshal(a.body)
	if err != nil {
		panic(err) // strings, numbers and maps of them
	}
	return data
}

func (a answer) write(w http.ResponseWriter) {
	header, data := w.Header(), a.json()
	header.Set("Content-Type", "application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(len(data)))
	for k, v := range a.header {
		header.Set(k, v)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(data) // the client may be gone
}

// cut keeps a token that is none from filling the answer.
func cut(token string) string {
	const most = 64
	if len(token) > most {
		return token[:most] + "…"
	}
	return token
}

// refusal is the answer to a token that admits no upload, in the original's
// words. t is the ticket, where there is one.
func refusal(err error, token string, t model.Ticket) (answer, bool) {
	text := ""
	switch {
	case errors.Is(err, tickets.ErrTokenMissing):
		text = "Header Upload-Token is required"
		return answer{http.StatusUnauthorized, map[string]string{"WWW-Authenticate": `Bearer realm="api"`}, detail(text)}, true
	case errors.Is(err, tickets.ErrTokenInvalid):
		return answer{http.StatusForbidden, nil, detail(fmt.Sprintf("token %s is not valid", cut(token)))}, true
	case errors.Is(err, tickets.ErrResolved):
		return answer{http.StatusLocked, nil, detail(fmt.Sprintf("ticket %s already resolved", t.Number))}, true
	case errors.Is(err, tickets.ErrTokenExpired):
		return answer{http.StatusLocked, nil, detail(fmt.Sprintf("token %s expired", cut(token)))}, true
	}
	return answer{}, false
}

// failure is the answer to what went wrong later, and whether it is a fault of
// this side, which belongs in the log.
func failure(err error) (a answer, ours bool) {
	var bad badRequest
	say := func(status int, text string) answer { return answer{status, nil, detail(text)} }
	switch {
	case errors.As(err, &bad):
		return answer{http.StatusBadRequest, nil, bad.body}, false
	case errors.Is(err, errChecksum):
		return say(statusChecksum, errChecksum.Error()+": send the file again"), false
	case errors.Is(err, tickets.ErrTooLarge), errors.Is(err, tickets.ErrQuota):
		return say(http.StatusRequestEntityTooLarge, err.Error()), false
	case errors.Is(err, files.ErrNoSpace), errors.Is(err, tickets.ErrNoSpace):
		return say(http.StatusInsufficientStorage, "there is no room left on the server; the attempt was not spent, try again later"), true
	case errors.Is(err, tickets.ErrGone):
		return say(http.StatusGone, "the upload was ended"), false
	case errors.Is(err, errSlow):
		return say(http.StatusRequestTimeout, slowText), false
	case errors.Is(err, errCut):
		return say(http.StatusBadRequest, errCut.Error()), false
	}
	return say(http.StatusInternalServerError, "the server could not store the file; the attempt was not spent, try again later"), true
}

// blame marks faults of the customer, which cost the attempt: a request that is
// none, a file that is larger than was declared.
func blame(err error) error {
	var bad badRequest
	if errors.As(err, &bad) || errors.Is(err, tickets.ErrTooLarge) || errors.Is(err, errChecksum) {
		return fmt.Errorf("%w: %w", tickets.ErrFault, err)
	}
	return err
}

// tooMany is the answer to an address that tried too many tokens.
func tooMany(wait time.Duration) answer {
	seconds := int(math.Ceil(wait.Seconds()))
	return answer{
		http.StatusTooManyRequests,
		map[string]string{"Retry-After": strconv.Itoa(seconds)},
		detail(fmt.Sprintf("Request was throttled. Expected available in %d seconds.", seconds)),
	}
}

func (h *Handler) blocked(a netip.Addr) (answer, bool) {
	if h.Guesses == nil {
		return answer{}, false
	}
	wait := h.Guesses.Blocked(a)
	return tooMany(wait), wait > 0
}
