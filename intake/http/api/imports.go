package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Raw is JSON that is handed on as it is.
type Raw json.RawMessage

// MarshalJSON writes it.
func (r Raw) MarshalJSON() ([]byte, error) { return json.RawMessage(r).MarshalJSON() }

// Schema describes it.
func (Raw) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// QuestionBody is a question to the logs of a ticket.
type QuestionBody struct {
	Query string     `json:"query" minLength:"1" maxLength:"5000" example:"{platform=\"zimbra\"} |= \"FATAL\""`
	From  *time.Time `json:"from,omitempty" doc:"From when; the first entry without it"`
	To    *time.Time `json:"to,omitempty" doc:"Until when, after from; the last entry without it"`
}

// Answer is what Loki would answer.
type Answer struct {
	Status string `json:"status" enum:"success"`
	Data   Raw    `json:"data" doc:"resultType and result, as Loki's /loki/api/v1/query_range"`
}

func (a *API) importRoutes() {
	huma.Register(a.huma, operation(http.MethodPost, "/archives/{id}/import/", "archives_import", tagArchives, "Read an archive, again if it was read; needs a second factor", http.StatusAccepted, 403, 404, 409),
		func(ctx context.Context, in *OneArchive) (*archiveAnswer, error) {
			if err := a.Tickets.Import(ctx, who(ctx), in.ID); err != nil {
				return nil, a.refuse(ctx, err)
			}
			m, err := a.Tickets.Archive(ctx, who(ctx), in.ID)
			if err != nil {
				return nil, a.refuse(ctx, err)
			}
			return &archiveAnswer{a.archive(ctx, m)}, nil
		})
	huma.Register(a.huma, operation(http.MethodGet, "/archives/{id}/report/", "archives_report", tagArchives, "The report of an archive; needs a second factor", http.StatusOK, 403, 404),
		func(ctx context.Context, in *OneArchive) (*struct{ Body Raw }, error) {
			_, data, err := a.Tickets.Report(ctx, who(ctx), in.ID)
			if err != nil {
				return nil, a.refuse(ctx, err)
			}
			return &struct{ Body Raw }{Raw(data)}, nil
		})
	huma.Register(a.huma, operation(http.MethodPost, "/tickets/{number}/ask/", "tickets_ask", tagTickets, "A question in LogQL to the archives of a ticket; needs a second factor; 409 as long as none of them has been read", http.StatusOK, 400, 403, 404, 409, 429, 501, 504),
		func(ctx context.Context, in *struct {
			OneTicket
			Body QuestionBody
		},
		) (*struct{ Body Answer }, error) {
			return a.ask(ctx, in.Number, in.Body)
		})
}

func (a *API) ask(ctx context.Context, ticket string, q QuestionBody) (*struct{ Body Answer }, error) {
	if _, err := a.Tickets.Ask(ctx, who(ctx), ticket, q.Query); err != nil {
		return nil, a.refuse(ctx, err)
	}
	switch {
	case a.Ask == nil:
		return nil, fail(http.StatusNotImplemented, "This server does not read archives.")
	case q.Query == "":
		return nil, wrongField("query", "This field is required.")
	case utf8.RuneCountInString(q.Query) > 5000:
		return nil, wrongField("query", "Ensure this field has no more than 5000 characters.")
	case q.From != nil && q.To != nil && !q.To.After(*q.From):
		return nil, wrongField("to", "It has to be after from.")
	}
	var from, to time.Time
	if q.From != nil {
		from = *q.From
	}
	if q.To != nil {
		to = *q.To
	}
	result, err := a.Options.Ask(ctx, ticket, q.Query, from, to)
	if err != nil {
		return nil, a.refuseQuestion(ctx, err)
	}
	return &struct{ Body Answer }{Answer{Status: "success", Data: dataOf(result)}}, nil
}

// refuseQuestion tells what is the question's fault, or that it has to wait.
func (a *API) refuseQuestion(ctx context.Context, err error) error {
	var e *engine.Error
	switch {
	case !errors.As(err, &e), e.Status == http.StatusInternalServerError:
		return a.refuse(ctx, err)
	case e.Status == http.StatusBadRequest:
		return wrongField("query", e.Msg)
	}
	return fail(e.Status, e.Msg)
}

func dataOf(r *engine.Result) Raw { return Raw(r.AppendJSON(nil, false)) }
