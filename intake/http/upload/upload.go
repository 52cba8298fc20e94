// Package upload takes files from customers, who have a token and no account: in
// one request as the original does, POST /api/v1/archives/, or resumable by tus
// under /api/v1/uploads/. Bytes go from the connection to the store with their
// checksums, and are never held in memory or copied to a temporary file.
//
// A request costs an attempt before its body is read, so a refused token costs no
// body: a client that sends "Expect: 100-continue" is answered before it sends
// one. What is not the customer's fault gives the attempt back.
package upload

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
	"github.com/zimbraloki/zimbraloki/intake/uploader"
)

// The paths this package answers.
const (
	PathArchives = "/api/v1/archives/" // POST
	PathUploads  = "/api/v1/uploads/"  // tus
	PathScript   = "/uploader.sh"      // GET
)

// Guesses slow down who tries tokens. Only wrong tokens count, so many customers
// behind one address do not hinder each other.
type Guesses interface {
	// Blocked is how long an address has to wait, 0 = not at all.
	Blocked(a netip.Addr) time.Duration
	// Wrong counts a wrong token.
	Wrong(a netip.Addr)
}

// Options are what a Handler is made of. Tickets, Blobs and Store must be there.
type Options struct {
	Tickets *tickets.Service
	Blobs   files.Blobs
	Store   *store.DB
	Guesses Guesses                        // nil: nobody counts
	Client  func(*http.Request) netip.Addr // where a request comes from; nil: the connection says
	User    func(*http.Request) string     // who is signed in, "" = a guest; nil: nobody
	FileURL func(model.Archive) string     // the path in the answer to a POST; nil: the original's
	Idle    time.Duration                  // a body must bring Least bytes in each such time; 0: a minute
	Least   int64                          // bytes; 0: 4 KiB
	Log     *slog.Logger                   // what went wrong on our side
}

// Handler takes uploads.
type Handler struct {
	Options

	pace  pace
	locks *locker
	tus   http.Handler

	stopping context.Context
	stop     context.CancelFunc
}

// New makes a Handler.
func New(o Options) (*Handler, error) {
	if o.Client == nil {
		o.Client = connectionAddr
	}
	if o.User == nil {
		o.User = func(*http.Request) string { return "" }
	}
	if o.FileURL == nil {
		o.FileURL = originalURL
	}
	if o.Idle == 0 {
		o.Idle = time.Minute
	}
	if o.Least == 0 {
		o.Least = 4 << 10
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{Options: o, pace: pace{o.Idle, o.Least}, locks: newLocker(o.Store, o.Log)}
	h.stopping, h.stop = context.WithCancel(context.Background())
	var err error
	h.tus, err = h.newTus()
	return h, err
}

// Register adds the routes to a mux.
func (h *Handler) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST "+PathArchives+"{$}", h.Post)
	mux.HandleFunc("POST /api/v1/archives", h.Post)
	mux.HandleFunc(PathUploads, h.Tus)
	mux.HandleFunc("/api/v1/uploads", h.Tus)
	mux.HandleFunc("GET "+PathScript, script)
}

// script hands out the customers' program, to be saved and not to be shown.
func script(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-sh")
	w.Header().Set("Content-Disposition", `attachment; filename="uploader.sh"`)
	w.Header().Set("Cache-Control", "no-cache") // the next release has another
	_, _ = w.Write(uploader.Script)             // the client may be gone
}

func connectionAddr(r *http.Request) netip.Addr {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	a, _ := netip.ParseAddr(host)
	return a.Unmap()
}

func originalURL(a model.Archive) string {
	return "/download/archives/" + url.PathEscape(a.Ticket) + "/" + url.PathEscape(a.Name)
}
