package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// Import is how far the reading of an archive is.
type Import struct {
	State    string     `json:"state" enum:"queued,running,done,failed,quarantined"`
	Done     int64      `json:"done" doc:"Bytes that were read"`
	Total    int64      `json:"total" doc:"Bytes in all, as far as is known"`
	Entries  int64      `json:"entries"`
	Unparsed int64      `json:"unparsed" doc:"Entries of a format that is not known"`
	Findings int        `json:"findings"`
	Critical int        `json:"critical" doc:"Findings that are critical"`
	From     *time.Time `json:"from" doc:"The first entry"`
	To       *time.Time `json:"to" doc:"The last entry"`
	Reported bool       `json:"reported" doc:"Its report can be read, before all is shipped"`
	Shipped  bool       `json:"shipped" doc:"It is in Loki"`
	Error    string     `json:"error"`
}

// Archive is one. id, file, ticket and time_create are the original's.
type Archive struct {
	ID         int64     `json:"id"`
	File       string    `json:"file" format:"uri" doc:"Where to download it"`
	Ticket     Number    `json:"ticket"`
	TimeCreate time.Time `json:"time_create"`
	Name       string    `json:"name"`
	Size       int64     `json:"size" doc:"Bytes"`
	SHA256     string    `json:"sha256"`
	MD5        string    `json:"md5"`
	Guest      bool      `json:"guest" doc:"A customer uploaded it, by token alone"`
	Import     *Import   `json:"import" doc:"null where none was asked for"`
}

// FileURL is where an archive can be downloaded: a path, to go behind the
// address of the server.
func FileURL(a model.Archive) string {
	return "/api/v1/archives/" + strconv.FormatInt(a.ID, 10) + "/download/"
}

func (a *API) archive(ctx context.Context, m model.Archive) Archive {
	out := Archive{
		ID: m.ID, File: a.base(ctx) + FileURL(m), Ticket: Number(m.Ticket), TimeCreate: m.Created.UTC(), Name: m.Name, Size: m.Size, SHA256: m.SHA256, MD5: m.MD5, Guest: m.Guest,
	}
	if i := m.Import; i.State != "" {
		out.Import = &Import{
			State: string(i.State), Done: i.Done, Total: i.Total, Entries: i.Entries, Unparsed: i.Unparsed, Findings: i.Findings, Critical: i.Critical,
			From: moment(i.From), To: moment(i.To), Reported: i.Reported, Shipped: i.Shipped, Error: i.Error,
		}
	}
	return out
}

// moment is a time, or null where there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// ArchiveQuery are the filters of the list, the original's.
type ArchiveQuery struct {
	Paging
	ID         Optional `query:"id"`
	IDMin      Optional `query:"id__gte"`
	IDMax      Optional `query:"id__lte"`
	Ticket     string   `query:"ticket" maxLength:"64" doc:"Number of the ticket"`
	TicketMin  Optional `query:"ticket__gte"`
	TicketMax  Optional `query:"ticket__lte"`
	Created    Moment   `query:"time_create"`
	CreatedMin Moment   `query:"time_create__gte"`
	CreatedMax Moment   `query:"time_create__lte"`
}

func (q *ArchiveQuery) filter() model.ArchiveFilter {
	return model.ArchiveFilter{
		Page: q.slice(), ID: q.ID.value(), IDMin: q.IDMin.value(), IDMax: q.IDMax.value(), Ticket: q.Ticket, TicketMin: q.TicketMin.value(), TicketMax: q.TicketMax.value(),
		Created: q.Created.Time, CreatedMin: q.CreatedMin.Time, CreatedMax: q.CreatedMax.Time,
	}
}

// OneArchive names one in a path.
type OneArchive struct {
	ID int64 `path:"id"`
}

// ArchiveBody is what can be changed of an archive. Its bytes cannot.
type ArchiveBody struct {
	Ticket *Number `json:"ticket,omitempty" doc:"Another ticket to move it to"`
	Name   *string `json:"name,omitempty" maxLength:"100"`
}

type archiveAnswer struct{ Body Archive }

func (a *API) archiveRoutes(mux *http.ServeMux) {
	huma.Register(a.huma, operation(http.MethodGet, "/archives/", "archives_list", tagArchives, "Archives, newest first", http.StatusOK, 400, 403),
		func(ctx context.Context, in *ArchiveQuery) (*Listed[Archive], error) {
			list, total, err := a.Tickets.Archives(ctx, who(ctx), in.filter())
			if err != nil {
				return nil, a.refuse(ctx, err)
			}
			var rows []Archive
			for _, m := range list {
				rows = append(rows, a.archive(ctx, m))
			}
			return listed(&in.Paging, a.base(ctx), rows, total), nil
		})
	huma.Register(a.huma, operation(http.MethodGet, "/archives/{id}/", "archives_read", tagArchives, "An archive", http.StatusOK, 403, 404),
		func(ctx context.Context, in *OneArchive) (*archiveAnswer, error) {
			m, err := a.Tickets.Archive(ctx, who(ctx), in.ID)
			if err != nil {
				return nil, a.refuse(ctx, err)
			}
			return &archiveAnswer{a.archive(ctx, m)}, nil
		})
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		id, required := "archives_update", true
		if method == http.MethodPatch {
			id, required = "archives_partial_update", false
		}
		huma.Register(a.huma, operation(method, "/archives/{id}/", id, tagArchives, "Rename an archive, or move it to another ticket", http.StatusOK, 400, 403, 404),
			func(ctx context.Context, in *struct {
				OneArchive
				Body ArchiveBody
			},
			) (*archiveAnswer, error) {
				return a.changeArchive(ctx, in.ID, in.Body, required)
			})
	}
	huma.Register(a.huma, operation(http.MethodDelete, "/archives/{id}/", "archives_delete", tagArchives, "Delete an archive with its report", http.StatusNoContent, 403, 404),
		func(ctx context.Context, in *OneArchive) (*struct{}, error) {
			return nil, a.refuse(ctx, a.Tickets.DeleteArchive(ctx, who(ctx), in.ID))
		})
	a.downloadRoute(mux)
}

func (a *API) changeArchive(ctx context.Context, id int64, in ArchiveBody, required bool) (*archiveAnswer, error) {
	if in.Ticket == nil && required {
		return nil, wrongField("ticket", "This field is required.")
	}
	if in.Name != nil && (*in.Name == "" || len([]rune(*in.Name)) > tickets.MaxNameLength) {
		return nil, wrongField("name", "1 to 100 characters")
	}
	m, err := a.Tickets.Archive(ctx, who(ctx), id)
	if err == nil && in.Ticket != nil && string(*in.Ticket) != m.Ticket { // first what can be refused
		m, err = a.Tickets.MoveArchive(ctx, who(ctx), id, string(*in.Ticket))
		if errors.Is(err, model.ErrNotFound) {
			return nil, wrongField("ticket", "Invalid pk - object does not exist.")
		}
	}
	if err == nil && in.Name != nil {
		m, err = a.Tickets.RenameArchive(ctx, who(ctx), id, *in.Name)
	}
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	return &archiveAnswer{a.archive(ctx, m)}, nil
}

// download is documented beside the others, and served as a stream with ranges,
// which huma does not do.
func (a *API) downloadRoute(mux *http.ServeMux) {
	op := operation(http.MethodGet, "/archives/{id}/download/", "archives_download", tagArchives, "The bytes of an archive, with ranges; needs a second factor", http.StatusOK, 403, 404)
	op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}}}
	op.Responses = map[string]*huma.Response{"200": {Description: "The archive, to be saved", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	for _, status := range append(op.Errors, http.StatusPartialContent) {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status)}
	}
	a.huma.OpenAPI().AddOperation(&op)
	mux.HandleFunc("GET "+op.Path+"{$}", func(w http.ResponseWriter, r *http.Request) {
		if err := a.download(w, r); err != nil {
			a.writeError(w, r, err)
		}
	})
}

func (a *API) download(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if who(ctx).User.ID == 0 {
		return tickets.ErrSignIn
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return model.ErrNotFound
	}
	m, err := a.Tickets.Download(ctx, who(ctx), id)
	if err != nil {
		return err
	}
	blob, err := a.Open(ctx, m.Blob)
	if err != nil {
		return fmt.Errorf("archive %d: %w", id, err)
	}
	defer func() { _ = blob.Close() }()
	guard.Attachment(w, r, m.Name, m.SHA256, m.Created, blob)
	return nil
}
