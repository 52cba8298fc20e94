package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// The rows of a list. The original gives all in one answer; so does this, up to
// a cap, and says by Link where more are.
const (
	defaultRows = 1000
	maxRows     = 1000
	maxPage     = 1_000_000
)

// Paging is what a list can be asked for.
type Paging struct {
	Page     int `query:"page" doc:"Which page, from 1. With page or page_size the answer is an object with count, next, previous and results; without either an array."`
	PageSize int `query:"page_size" doc:"Rows of a page, 1 to 1000."`

	url url.URL
}

// Resolve keeps the address of the request, for links, and checks the values.
func (p *Paging) Resolve(ctx huma.Context) []error {
	p.url = ctx.URL()
	if p.Page < 0 || p.Page > maxPage {
		return []error{&huma.ErrorDetail{Location: "query.page", Message: "1 to 1000000"}}
	}
	if p.PageSize < 0 || p.PageSize > maxRows {
		return []error{&huma.ErrorDetail{Location: "query.page_size", Message: "1 to 1000"}}
	}
	return nil
}

func (p *Paging) asked() bool { return p.Page > 0 || p.PageSize > 0 }

func (p *Paging) rows() (page, size int) {
	page, size = max(p.Page, 1), p.PageSize
	if size == 0 {
		size = defaultRows
		if p.asked() {
			size = 100
		}
	}
	return page, size
}

func (p *Paging) slice() model.Page {
	page, size := p.rows()
	return model.Page{Limit: size, Offset: (page - 1) * size}
}

// Optional is a number in a query that may be missing, which is not the same as
// 0: who pages back by id__lte comes to it.
type Optional struct {
	Number int64
	Given  bool
}

func (o *Optional) value() *int64 {
	if !o.Given {
		return nil
	}
	return &o.Number
}

// Receiver is where huma puts the number.
func (o *Optional) Receiver() reflect.Value { return reflect.ValueOf(o).Elem().Field(0) }

// OnParamSet is told by huma whether there is one.
func (o *Optional) OnParamSet(given bool, _ any) { o.Given = given }

// Schema describes it.
func (Optional) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
}

// List is a part of a list, as the original's framework would page it.
type List[T any] struct {
	Count    int     `json:"count" doc:"Rows of all pages"`
	Next     *string `json:"next" doc:"Address of the next page"`
	Previous *string `json:"previous" doc:"Address of the page before"`
	Results  []T     `json:"results"`
}

// Rows are either: an array, or a List where a page was asked for.
type Rows[T any] struct {
	array []T
	list  *List[T]
}

// MarshalJSON writes what was asked for.
func (r Rows[T]) MarshalJSON() ([]byte, error) {
	if r.list != nil {
		return json.Marshal(r.list)
	}
	return json.Marshal(r.array)
}

// Schema describes both.
func (r Rows[T]) Schema(reg huma.Registry) *huma.Schema {
	var row []T
	return &huma.Schema{OneOf: []*huma.Schema{schemaOf(row, reg), schemaOf(List[T]{}, reg)}}
}

// Listed is an answer with rows.
type Listed[T any] struct {
	Link       string `header:"Link" doc:"The next and the previous page (RFC 8288)"`
	TotalCount int    `header:"X-Total-Count" doc:"Rows of all pages"`
	Body       Rows[T]
}

func listed[T any](p *Paging, base string, rows []T, total int) *Listed[T] {
	if rows == nil {
		rows = []T{}
	}
	page, size := p.rows()
	link := func(n int) *string {
		q := p.url.Query()
		q.Set("page", strconv.Itoa(n))
		q.Set("page_size", strconv.Itoa(size))
		s := base + p.url.Path + "?" + q.Encode()
		return &s
	}
	out, links := &Listed[T]{TotalCount: total}, []string{}
	l := &List[T]{Count: total, Results: rows}
	if page*size < total {
		l.Next = link(page + 1)
		links = append(links, fmt.Sprintf(`<%s>; rel="next"`, *l.Next))
	}
	if page > 1 {
		l.Previous = link(page - 1)
		links = append(links, fmt.Sprintf(`<%s>; rel="prev"`, *l.Previous))
	}
	out.Link = strings.Join(links, ", ")
	if p.asked() {
		out.Body.list = l
	} else {
		out.Body.array = rows
	}
	return out
}

// Root are the lists that there are.
type Root struct {
	Archives  string `json:"archives" format:"uri"`
	Platforms string `json:"platforms" format:"uri"`
	Tickets   string `json:"tickets" format:"uri"`
}

func (a *API) root() {
	op := open(operation(http.MethodGet, "/", "root", tagCheck, "The lists that there are", http.StatusOK))
	huma.Register(a.huma, op, func(ctx context.Context, _ *struct{}) (*struct{ Body Root }, error) {
		base := a.base(ctx) + "/api/v1/"
		return &struct{ Body Root }{Root{base + "archives/", base + "platforms/", base + "tickets/"}}, nil
	})
}
