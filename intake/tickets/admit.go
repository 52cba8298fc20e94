package tickets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// Request is what somebody wants to upload.
type Request struct {
	Kind      string // model.KindPost, model.KindTus
	Name      string // as the client gives it
	Size      int64  // bytes, -1 unknown
	SHA256    string // hex, as the client promises it, "" = it does not
	Key       string // the client's own mark of this upload, which its repetition has too, "" = none
	User      string // username, "" = a guest
	ClientIP  string
	UserAgent string
}

// Grant is an attempt that was spent: an upload that may go on until Stored or
// Failed ends it.
type Grant struct {
	Upload   model.Upload // ID, Blob (the key to write to) and Name (cleaned) among it
	Ticket   model.Ticket // as it is after the attempt
	Again    bool         // it was spent before: the client asks once more for the same upload
	MaxBytes int64        // more than this is ErrTooLarge; -1 = no limit
	Request  Request
}

// Blob is what a transport has stored.
type Blob struct {
	Key         string // "" = the key of the grant
	Size        int64
	SHA256, MD5 string // hex
}

// Admit spends an attempt of the ticket whose token it is. The order of checks
// is the original's: the token is missing, is none, its ticket is resolved, it
// has expired; then size, quota and room. A refusal costs nothing. Neither does a
// repetition: who asks with the same Key for the same file has the upload that it
// has already, since the answer to the first request may have been lost.
func (s *Service) Admit(ctx context.Context, token string, r Request) (Grant, error) {
	token = strings.TrimSpace(token) // the original's uploader sends a space behind it
	g, err := s.admit(ctx, token, r)
	if errors.Is(err, ErrTokenMissing) { // nothing was tried, and anybody could fill the trail
		return Grant{}, err
	}
	if err != nil {
		object := ""
		if g.Ticket.Number != "" {
			object = ticketObject(g.Ticket.Number)
		}
		s.event(ctx, model.Event{
			Actor: r.User, Action: model.ActionUpload, Object: object, Outcome: outcomeOf(err), ClientIP: r.ClientIP, UserAgent: r.UserAgent,
			Detail: err.Error(),
		})
		return Grant{}, err
	}
	s.event(ctx, model.Event{
		Actor: r.User, Action: model.ActionUpload, Object: ticketObject(g.Ticket.Number), Outcome: model.OutcomeSuccess, ClientIP: r.ClientIP, UserAgent: r.UserAgent,
		Detail: fmt.Sprintf("upload=%s kind=%s name=%q size=%d attempts=%d again=%t", model.ShortID(g.Upload.ID), g.Upload.Kind, g.Upload.Name, g.Upload.Size, g.Ticket.Attempts, g.Again),
	})
	return g, nil
}

func (s *Service) admit(ctx context.Context, token string, r Request) (g Grant, err error) {
	now := s.clock()
	t, err := s.checkToken(ctx, token, r.Key != "") // an upload that is there needs no attempt
	g.Ticket = t
	if err != nil {
		return g, err
	}
	if r.Size >= 0 && s.rules.MaxUpload > 0 && r.Size > s.rules.MaxUpload {
		return g, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, r.Size, s.rules.MaxUpload)
	}
	if err := s.roomFor(ctx, r.Size); err != nil {
		return g, err
	}
	u := model.Upload{
		ID: randomText(18), Kind: r.Kind, Name: CleanName(r.Name), Size: r.Size, Server: s.server, User: r.User, ClientIP: r.ClientIP, Once: r.once(),
	}
	id := u.ID
	u.Blob = fmt.Sprintf("%d/%s", t.ID, randomKey())
	left := int64(-1)
	after, err := s.db.AdmitUpload(ctx, HashToken(token), now, &u, func(_ model.Ticket, h model.Held) error {
		left, err = s.left(h, r.Size)
		return err
	})
	if errors.Is(err, model.ErrNotFound) { // another was faster: look again for the reason
		if _, why := s.CheckToken(ctx, token); why != nil {
			err = why
		} else {
			err = ErrTokenExpired
		}
	}
	if err != nil {
		return g, err
	}
	return Grant{Upload: u, Ticket: after, Again: u.ID != id, MaxBytes: left, Request: r}, nil
}

// once is the mark of an upload as it is kept: that of another file is another.
func (r Request) once() string {
	if r.Key == "" {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q %q %d %q", r.Kind, r.Key, CleanName(r.Name), r.Size, strings.ToLower(r.SHA256)))
	return hex.EncodeToString(sum[:])
}

// CheckToken finds the ticket of a token and tells whether it admits an upload;
// nothing is spent. The ticket is returned with ErrResolved and ErrTokenExpired
// as well.
func (s *Service) CheckToken(ctx context.Context, token string) (model.Ticket, error) {
	return s.checkToken(ctx, token, false)
}

func (s *Service) checkToken(ctx context.Context, token string, used bool) (model.Ticket, error) {
	token = strings.TrimSpace(token)
	if token == "" {
		return model.Ticket{}, ErrTokenMissing
	}
	t, err := s.TokenTicket(ctx, token)
	switch {
	case err != nil:
		return model.Ticket{}, err
	case t.Resolved:
		return t, ErrResolved
	case t.Attempts <= 0 && !used, !t.ExpiresAt.IsZero() && !s.clock().Before(t.ExpiresAt):
		return t, ErrTokenExpired
	}
	return t, nil
}

// TokenTicket is the ticket of a token, whatever it admits, or ErrTokenInvalid.
func (s *Service) TokenTicket(ctx context.Context, token string) (model.Ticket, error) {
	if !tokenText.MatchString(token) {
		return model.Ticket{}, ErrTokenInvalid
	}
	t, err := s.db.TicketByToken(ctx, HashToken(token))
	if errors.Is(err, model.ErrNotFound) {
		return model.Ticket{}, ErrTokenInvalid
	}
	return t, err
}

// roomFor tells whether the place where blobs lie has room for so many bytes
// more, besides those that have to stay free.
func (s *Service) roomFor(ctx context.Context, size int64) error {
	if s.storage.Free == nil {
		return nil
	}
	free, err := s.storage.Free(ctx)
	if err != nil {
		return fmt.Errorf("free space: %w", err)
	}
	if free-max(size, 0) < s.rules.MinFree {
		return ErrNoSpace
	}
	return nil
}

// left is how many bytes an upload may have, -1 = any number.
func (s *Service) left(h model.Held, size int64) (int64, error) {
	left := int64(-1)
	limit := func(n int64) {
		if left < 0 || n < left {
			left = n
		}
	}
	if s.rules.MaxUpload > 0 {
		limit(s.rules.MaxUpload)
	}
	for _, q := range []struct{ quota, held int64 }{{s.rules.TicketQuota, h.Ticket}, {s.rules.TotalQuota, h.Total}} {
		if q.quota <= 0 {
			continue
		}
		if q.held+max(size, 1) > q.quota {
			return 0, ErrQuota
		}
		limit(q.quota - q.held)
	}
	return left, nil
}

// Stored makes a granted upload an archive and, where the rules say so, asks
// for its import. ErrGone: the upload has ended already, so that the blob is
// nobody's and the caller has to remove it.
func (s *Service) Stored(ctx context.Context, g Grant, b Blob) (model.Archive, error) {
	a := model.Archive{Name: g.Upload.Name, Blob: b.Key, Size: b.Size, SHA256: b.SHA256, MD5: b.MD5, Guest: g.Upload.User == ""}
	if a.Blob == "" {
		a.Blob = g.Upload.Blob
	}
	if g.Upload.Size < 0 {
		if err := s.Touch(ctx, g.Upload.ID, b.Size); err != nil {
			return model.Archive{}, err
		}
	}
	err := s.db.FinishUpload(ctx, g.Upload.ID, &a, s.rules.Import, s.clock())
	if errors.Is(err, model.ErrNotFound) {
		return model.Archive{}, fmt.Errorf("upload %s: %w", model.ShortID(g.Upload.ID), ErrGone)
	}
	if err != nil {
		return model.Archive{}, err
	}
	s.event(ctx, model.Event{
		Actor: g.Upload.User, Action: model.ActionUploadDone, Object: archiveObject(a.ID), Outcome: model.OutcomeSuccess, ClientIP: g.Upload.ClientIP,
		UserAgent: g.Request.UserAgent, Detail: fmt.Sprintf("upload=%s ticket=%s name=%q size=%d sha256=%s", model.ShortID(g.Upload.ID), a.Ticket, a.Name, a.Size, a.SHA256),
	})
	if whole, err := s.db.Archive(ctx, a.ID); err == nil { // with its import
		a = whole
	}
	return a, nil
}

// Failed ends a granted upload without an archive. The attempt is given back
// unless the cause is the customer's fault, see ErrFault. It is no error that the
// upload has ended already.
func (s *Service) Failed(ctx context.Context, g Grant, cause error) error {
	_, err := s.fail(ctx, g.Upload, g.Request, cause)
	return err
}

// fail reports whether it was this call that ended the upload.
func (s *Service) fail(ctx context.Context, u model.Upload, r Request, cause error) (ended bool, err error) {
	refund := !errors.Is(cause, ErrFault)
	_, err = s.db.FailUpload(ctx, u.ID, refund, s.clock())
	if errors.Is(err, model.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	number := ""
	if t, err := s.db.TicketByID(ctx, u.TicketID); err == nil {
		number = t.Number
	}
	s.event(ctx, model.Event{
		Actor: u.User, Action: model.ActionUploadFailed, Object: ticketObject(number), Outcome: model.OutcomeFailure, ClientIP: u.ClientIP, UserAgent: r.UserAgent,
		Detail: fmt.Sprintf("upload=%s refund=%t reason=%q", model.ShortID(u.ID), refund, cause),
	})
	return true, nil
}

// Grant is the grant of an open upload, for a transport that goes on with it
// in another request or process. ErrGone: it has ended.
func (s *Service) Grant(ctx context.Context, id string) (Grant, error) {
	u, err := s.db.Upload(ctx, id)
	if err != nil {
		return Grant{}, err
	}
	if u.State != model.UploadOpen {
		return Grant{}, fmt.Errorf("upload %s: %w", model.ShortID(id), ErrGone)
	}
	t, err := s.db.TicketByID(ctx, u.TicketID)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Upload: u, Ticket: t, MaxBytes: -1, Request: Request{Kind: u.Kind, Name: u.Name, Size: u.Size, User: u.User, ClientIP: u.ClientIP}}
	if s.rules.MaxUpload > 0 {
		g.MaxBytes = s.rules.MaxUpload
	}
	return g, nil
}

// Touch tells that an upload is alive and how many bytes it has. ErrGone: it
// was ended by somebody else, a deleted ticket for example, and has to stop.
// ErrQuota: of several whose size nobody declared, it is one too many.
func (s *Service) Touch(ctx context.Context, id string, offset int64) error {
	err := s.db.TouchUpload(ctx, id, offset, s.server, s.clock())
	if errors.Is(err, model.ErrNotFound) {
		return fmt.Errorf("upload %s: %w", model.ShortID(id), ErrGone)
	}
	if err != nil || s.rules.TicketQuota <= 0 && s.rules.TotalQuota <= 0 {
		return err
	}
	u, err := s.db.Upload(ctx, id)
	if err != nil || u.Size >= 0 { // admission saw a size that was declared
		return err
	}
	h, err := s.db.Held(ctx, u.TicketID)
	if over := func(held, quota int64) bool { return quota > 0 && held > quota }; over(h.Ticket, s.rules.TicketQuota) || over(h.Total, s.rules.TotalQuota) {
		return ErrQuota
	}
	return err
}

// Recover tells that this process lives and ends the uploads that nobody goes
// on with: those by one request whose process is dead, and resumable ones that
// were idle for too long. Their attempts are given back and their blobs removed.
// It belongs to the start, and to every half minute after.
func (s *Service) Recover(ctx context.Context) error {
	now := s.clock()
	if err := s.db.SeeServer(ctx, s.server, now); err != nil {
		return err
	}
	dead, err := s.db.AbandonedUploads(ctx, model.KindPost, now.Add(-s.rules.ServerDeadAfter))
	if err != nil {
		return err
	}
	idle, err := s.db.StaleUploads(ctx, "", now.Add(-s.rules.TusIdle))
	if err != nil {
		return err
	}
	var failed error
	for _, u := range dead {
		failed = errors.Join(failed, s.giveUp(ctx, u, errServerEnded))
	}
	for _, u := range idle {
		failed = errors.Join(failed, s.giveUp(ctx, u, errIdle))
	}
	return failed
}

// giveUp ends an upload, unless somebody has ended it since it was looked for:
// then its blob may be an archive's.
func (s *Service) giveUp(ctx context.Context, u model.Upload, cause error) error {
	ended, err := s.fail(ctx, u, Request{}, cause)
	if ended {
		s.dropBlobs(ctx, u.Blob)
	}
	return err
}

var (
	errServerEnded = errors.New("the server ended in the middle of it")
	errIdle        = errors.New("nobody went on with it")
)

// Stop tells the others that this process has ended in peace.
func (s *Service) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.db.ForgetServer(ctx, s.server)
}
