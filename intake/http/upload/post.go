package upload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// maxName is the longest name of a file, in characters, as the original has it.
const maxName = 100

// formOverhead is what a form needs besides its file, in bytes, at most: so
// much less than the request may be declared as the file's size.
const formOverhead = 1 << 10

// errCut: the connection broke before the end.
var errCut = errors.New("the connection broke before the end of the file")

// Post answers POST /api/v1/archives/: the file is the part "file" of a form or
// the body under the name of its Content-Disposition. Header Upload-Sha256, which
// the original has not, is verified.
func (h *Handler) Post(w http.ResponseWriter, r *http.Request) {
	token, user := r.Header.Get("Upload-Token"), h.User(r)
	size := r.ContentLength
	if size > 0 && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		size = max(size-formOverhead, 0)
	}
	g, refused, err := h.admit(r.Context(), token, tickets.Request{
		Kind: model.KindPost, Name: "", Size: size, User: user, ClientIP: h.Client(r).String(), UserAgent: r.UserAgent(),
	}, h.Client(r))
	if err != nil {
		endAnswer(w, h.pace)
		refused.write(w)
		return
	}
	body := newPacedBody(w, r, h.pace)
	a, err := h.receive(r.Context(), g, r.Header, body)
	if err != nil {
		if body.failed != nil && !errors.Is(err, tickets.ErrGone) {
			err = connectionError(body.failed)
		}
		said, ours := failure(err)
		h.failed(r.Context(), g, blame(err), ours)
		endAnswer(w, h.pace)
		said.write(w)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	h.created(a, user).write(w)
}

// connectionError tells one that broke from one that was silent.
func connectionError(err error) error {
	if errors.Is(err, errSlow) {
		return err
	}
	return fmt.Errorf("%w: %w", errCut, err)
}

// admit spends an attempt, or says what the client is told.
func (h *Handler) admit(ctx context.Context, token string, req tickets.Request, from netip.Addr) (tickets.Grant, answer, error) {
	if said, blocked := h.blocked(from); blocked && token != "" {
		return tickets.Grant{}, said, errBlocked
	}
	g, err := h.Tickets.Admit(ctx, token, req)
	if err == nil {
		return g, answer{}, nil
	}
	if errors.Is(err, tickets.ErrTokenInvalid) && h.Guesses != nil {
		h.Guesses.Wrong(from)
	}
	var t model.Ticket
	if errors.Is(err, tickets.ErrResolved) {
		t, _ = h.Tickets.TokenTicket(ctx, token)
	}
	said, ok := refusal(err, token, t)
	if !ok {
		var ours bool
		if said, ours = failure(err); ours {
			h.Log.Error("an upload could not be admitted", "err", err)
		}
	}
	return g, said, err
}

// receive stores the file of a request.
func (h *Handler) receive(ctx context.Context, g tickets.Grant, header http.Header, body io.Reader) (model.Archive, error) {
	f, err := openFile(header, body)
	if err != nil {
		return model.Archive{}, err
	}
	if err := checkName(f.name); err != nil {
		return model.Archive{}, err
	}
	g.Upload.Name = tickets.CleanName(f.name)
	ctx = context.WithoutCancel(ctx) // what came whole is kept, even if nobody waits for the answer
	w, err := h.Blobs.Create(ctx, g.Upload.Blob)
	if err != nil {
		return model.Archive{}, err
	}
	defer w.Abort() // after a Commit it does nothing
	_, errRead, errWrite := files.Copy(w, &watched{r: f.body, h: h, ctx: ctx, id: g.Upload.ID, left: g.MaxBytes})
	if err := errors.Join(errWrite, errRead); err != nil {
		return model.Archive{}, err
	}
	if err := f.finish(); err != nil {
		return model.Archive{}, err
	}
	if w.Offset() == 0 {
		return model.Archive{}, errEmpty
	}
	sum, err := w.Sum()
	if err != nil {
		return model.Archive{}, err
	}
	if want := header.Get("Upload-Sha256"); want != "" && !strings.EqualFold(want, sum.SHA256) {
		return model.Archive{}, errChecksum
	}
	sum, err = w.Commit(ctx)
	if err != nil {
		return model.Archive{}, err
	}
	return h.stored(ctx, g, sum)
}

// stored tells the tickets of a blob; one that nobody wants any more is removed.
func (h *Handler) stored(ctx context.Context, g tickets.Grant, sum files.Sum) (model.Archive, error) {
	a, err := h.Tickets.Stored(ctx, g, tickets.Blob{Size: sum.Size, SHA256: sum.SHA256, MD5: sum.MD5})
	if errors.Is(err, tickets.ErrGone) {
		err = errors.Join(err, h.drop(ctx, g))
	}
	return a, err
}

// drop removes the blob of an upload that has ended without an archive. That is
// asked for and not concluded from an error: a database that fails may have done
// what it was told, and another process may have been faster.
func (h *Handler) drop(ctx context.Context, g tickets.Grant) error {
	up, err := h.Store.Upload(ctx, g.Upload.ID)
	switch {
	case err != nil && !errors.Is(err, model.ErrNotFound):
		return err // Recover or the command cleanup will find it
	case err == nil && (up.State == model.UploadOpen || up.State == model.UploadDone):
		return nil
	}
	return h.Blobs.Delete(ctx, g.Upload.Blob)
}

func (h *Handler) failed(ctx context.Context, g tickets.Grant, cause error, ours bool) {
	if ours {
		h.Log.Error("an upload was not stored", "ticket", g.Ticket.Number, "err", cause)
	}
	ctx = context.WithoutCancel(ctx)
	if err := errors.Join(h.Tickets.Failed(ctx, g, cause), h.drop(ctx, g)); err != nil {
		h.Log.Error("a failed upload could not be ended", "ticket", g.Ticket.Number, "err", err)
	}
}

// created is the answer to a POST, as the original's: a guest learns less.
func (h *Handler) created(a model.Archive, user string) answer {
	var number any = a.Ticket
	if n, err := strconv.ParseInt(a.Ticket, 10, 64); err == nil && strconv.FormatInt(n, 10) == a.Ticket {
		number = json.Number(a.Ticket) // the original's tickets are numbers
	}
	body := map[string]any{"file": h.FileURL(a), "ticket": number}
	if user != "" {
		body["id"], body["time_create"] = a.ID, a.Created
	}
	return answer{http.StatusCreated, nil, body}
}

// watched reads a file's bytes, at most left of them (-1: any number), and tells
// the tickets now and then that they come.
type watched struct {
	r     io.Reader
	h     *Handler
	ctx   context.Context
	id    string
	left  int64
	came  int64
	touch time.Time
}

func (r *watched) Read(p []byte) (int, error) {
	now := time.Now()
	if r.touch.IsZero() {
		r.touch = now
	} else if now.Sub(r.touch) >= r.h.Tickets.Rules().TouchUploadEvery {
		r.touch = now
		if err := r.h.Tickets.Touch(r.ctx, r.id, r.came); errors.Is(err, tickets.ErrGone) || errors.Is(err, tickets.ErrQuota) {
			return 0, err
		}
	}
	n, err := r.r.Read(p)
	r.came += int64(n)
	if r.left >= 0 && r.came > r.left {
		return 0, fmt.Errorf("%w: more than %d bytes", tickets.ErrTooLarge, r.left)
	}
	return n, err
}

// checkName refuses a name that is too long, as the original does.
func checkName(name string) error {
	if n := utf8.RuneCountInString(baseName(name)); n > maxName {
		return badFile(fmt.Sprintf("Ensure this filename has at most %d characters (it has %d).", maxName, n))
	}
	return nil
}

// baseName is what stands behind the last slash of either kind.
func baseName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}
