package upload

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// newTus makes the handler of tus 1.0. Creation wants the token and costs the
// attempt; afterwards the upload's URL, 144 random bits, is the secret. No other
// origin may use it from a browser, and nothing can be read back.
func (h *Handler) newTus() (http.Handler, error) {
	composer := handler.NewStoreComposer()
	s := tusStore{h}
	composer.UseCore(s)
	composer.UseTerminater(s)
	composer.UseLocker(h.locks)
	return handler.NewHandler(handler.Config{
		StoreComposer:           composer,
		BasePath:                PathUploads,
		MaxSize:                 h.Tickets.Rules().MaxUpload,
		DisableDownload:         true,
		Cors:                    &handler.CorsConfig{Disable: true},
		Logger:                  slog.New(slog.NewTextHandler(io.Discard, nil)),
		NetworkTimeout:          h.Idle,
		PreUploadCreateCallback: h.admitTus,
	})
}

// asker is who makes a request, as its context carries it to tusd's callbacks.
type asker struct {
	addr netip.Addr
	user string
	body *pacedBody
}

type askerKey struct{}

// uploadID is the form of our IDs; nothing else reaches the store.
var uploadID = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

// keyForm is the form of the mark by which a client repeats a creation; it may
// be left out.
var keyForm = regexp.MustCompile(`^[!-~]{0,64}$`)

// metaKeyed tells NewUpload that the creation may be repeated, or is a repetition.
const metaKeyed = "keyed"

// Tus answers everything under /api/v1/uploads/.
func (h *Handler) Tus(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(PathUploads, "/")), "/")
	switch {
	case id == "" && r.Method != http.MethodPost && r.Method != http.MethodOptions:
		notAllowed(w, "POST, OPTIONS")
		return
	case id != "" && r.Method == http.MethodGet:
		notAllowed(w, "HEAD, PATCH, DELETE, OPTIONS")
		return
	case id != "" && !uploadID.MatchString(id):
		answer{http.StatusNotFound, nil, detail("Not found.")}.write(w)
		return
	}
	body := newPacedBody(w, r, h.pace)
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), askerKey{}, asker{h.Client(r), h.User(r), body}))
	defer cancel()
	defer body.end()
	defer context.AfterFunc(h.stopping, func() {
		body.interrupt(handler.ErrServerShutdown)
		cancel() // for who waits for another request
	})()
	r = r.Clone(ctx)
	r.URL.Path = id
	r.Body = body
	w.Header().Set("Cache-Control", "no-store")
	h.tus.ServeHTTP(&relativeWriter{w}, r)
}

func notAllowed(w http.ResponseWriter, methods string) {
	answer{http.StatusMethodNotAllowed, map[string]string{"Allow": methods}, detail("Method not allowed.")}.write(w)
}

// relativeWriter makes the URL of a new upload a path: behind a proxy nobody here
// knows the right scheme, and the Host header is the client's own claim.
type relativeWriter struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *relativeWriter) WriteHeader(status int) {
	if url := w.Header().Get("Location"); url != "" {
		w.Header().Set("Location", url[max(strings.Index(url, PathUploads), 0):])
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *relativeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// admitTus is called before an upload is created.
func (h *Handler) admitTus(hook handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
	fail := func(a answer) (handler.HTTPResponse, handler.FileInfoChanges, error) {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, tusAnswer(a)
	}
	who, _ := hook.Context.Value(askerKey{}).(asker)
	header, meta := hook.HTTPRequest.Header, hook.Upload.MetaData
	name := meta["filename"]
	if name == "" {
		name = meta["name"]
	}
	token, key := header.Get("Upload-Token"), header.Get("Idempotency-Key")
	if err := checkTus(hook.Upload.Size, name, meta["sha256"], key); err != nil && token != "" {
		said, _ := failure(err)
		return fail(said)
	}
	g, refused, err := h.admit(hook.Context, token, tickets.Request{
		Kind: model.KindTus, Name: name, Size: hook.Upload.Size, SHA256: meta["sha256"], Key: key,
		User: who.user, ClientIP: who.addr.String(), UserAgent: header.Get("User-Agent"),
	}, who.addr)
	if err != nil {
		return fail(refused)
	}
	kept := handler.MetaData{"filename": g.Upload.Name, "sha256": strings.ToLower(meta["sha256"])}
	if key != "" {
		kept[metaKeyed] = "yes"
	}
	return handler.HTTPResponse{}, handler.FileInfoChanges{ID: g.Upload.ID, MetaData: kept}, nil
}

// checkTus finds what would be refused at the end already at the beginning, where
// it costs nothing.
func checkTus(size int64, name, sha256, key string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if size == 0 {
		return errEmpty
	}
	if sum, err := hex.DecodeString(sha256); err != nil || len(sum) != 0 && len(sum) != 32 {
		return badDetail("Upload-Metadata: sha256 must be 64 hexadecimal digits")
	}
	if !keyForm.MatchString(key) {
		return badDetail("Idempotency-Key must be at most 64 printable characters of ASCII")
	}
	return nil
}

// tusAnswer is an answer as tusd takes it.
func tusAnswer(a answer) handler.Error {
	header := handler.HTTPHeader{"Content-Type": "application/json", "X-Content-Type-Options": "nosniff"}
	for k, v := range a.header {
		header[k] = v
	}
	return handler.Error{
		ErrorCode: "ERR_INTAKE", Message: fmt.Sprint(a.body),
		HTTPResponse: handler.HTTPResponse{StatusCode: a.status, Body: string(a.json()), Header: header},
	}
}

// tusError gives tusd an error it can answer with; what is ours goes to the log
// and not to the client.
func (h *Handler) tusError(id string, err error) error {
	var known handler.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, model.ErrNotFound):
		return handler.ErrNotFound
	}
	said, ours := failure(err)
	if ours {
		h.Log.Error("a resumable upload failed", "upload", model.ShortID(id), "err", err)
	}
	return tusAnswer(said)
}
