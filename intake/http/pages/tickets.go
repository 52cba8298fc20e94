package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// perPage is how many rows a list shows.
const perPage = 25

type ticketsView struct {
	view
	Platform                    *model.Platform // of the list of one platform
	Total                       int
	Search, PlatformName, State string
	Platforms                   []model.Platform
	States                      []choice
	Rows                        []model.TicketRow
	Names                       []string // of the rows' platforms
	Pager                       pager
	Storage                     *storage
	Filtered, MayWrite          bool
}

type choice struct{ Value, Text string }

type storage struct {
	Usage
	Percent int
	Class   string
}

// pager leads to the pages before and after.
type pager struct {
	From, To, Total int
	Prev, Next      string
}

func pagerOf(r *http.Request, page, total int) pager {
	p := pager{From: min((page-1)*perPage+1, total), To: min(page*perPage, total), Total: total}
	link := func(n int) string {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(n))
		return r.URL.Path + "?" + q.Encode()
	}
	if page > 1 {
		p.Prev = link(page - 1)
	}
	if p.To < total {
		p.Next = link(page + 1)
	}
	return p
}

// maxPage bounds what a request may skip.
const maxPage = 1_000_000

func pageOf(q url.Values) int {
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil || n < 1 || n > maxPage {
		return 1
	}
	return n
}

func (p *Pages) tickets(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	q := r.URL.Query()
	v := ticketsView{
		view: p.base(r, i, "tickets", "tickets.title"), Search: strings.TrimSpace(q.Get("search")), PlatformName: q.Get("platform"), State: q.Get("state"),
		MayWrite: i.Who.Allow(tickets.WriteTickets) == nil,
	}
	if q.Get("resolved") != "" && v.State == "" {
		v.State = "resolved" // as the original's link has it
	}
	for _, s := range []string{"", "open", "resolved", "critical"} {
		v.States = append(v.States, choice{s, p.text(i, "tickets.state."+s)})
	}
	var err error
	if v.Platforms, err = p.Tickets.Platforms(r.Context(), i.Who); err != nil {
		return err
	}
	if name := r.PathValue("platform"); name != "" {
		v.PlatformName = name
		if v.Platform = platformNamed(v.Platforms, name); v.Platform == nil {
			return model.ErrNotFound
		}
		v.Title = v.Platform.PrettyName
	}
	page := pageOf(q)
	if v.Rows, v.Total, err = p.Tickets.Tickets(r.Context(), i.Who, v.filter(page)); err != nil {
		return err
	}
	for n := range v.Rows {
		if pl := platformNamed(v.Platforms, v.Rows[n].Ticket.Platform); pl != nil {
			v.Names = append(v.Names, pl.PrettyName)
		} else {
			v.Names = append(v.Names, v.Rows[n].Ticket.Platform)
		}
	}
	v.Filtered = v.Search != "" || v.PlatformName != "" || v.State != ""
	v.Pager, v.Storage = pagerOf(r, page, v.Total), p.storage(r.Context())
	v.Flash = p.Guard.Flashes(r.Context())
	return p.render(w, i, http.StatusOK, "tickets", v)
}

// filter is what is searched for. Several numbers, with commas, are as in the
// original each one of them; anything else is a part of a number or of a note.
func (v *ticketsView) filter(page int) model.TicketFilter {
	f := model.TicketFilter{Platform: v.PlatformName, Page: model.Page{Limit: perPage, Offset: (page - 1) * perPage}}
	if strings.Contains(v.Search, ",") {
		for _, n := range strings.Split(v.Search, ",") {
			f.Numbers = append(f.Numbers, strings.TrimSpace(n))
		}
	} else {
		f.Text = v.Search
	}
	yes := true
	no := false
	switch v.State {
	case "open":
		f.Resolved = &no
	case "resolved":
		f.Resolved = &yes
	case "critical":
		f.Critical = true
	}
	return f
}

func platformNamed(all []model.Platform, name string) *model.Platform {
	for n := range all {
		if all[n].Name == name {
			return &all[n]
		}
	}
	return nil
}

// storage is how full the place of the archives is; nothing where that cannot
// be told.
func (p *Pages) storage(ctx context.Context) *storage {
	if p.Usage == nil {
		return nil
	}
	u, err := p.Usage(ctx)
	if err != nil || u.Total <= 0 {
		return nil
	}
	s := &storage{Usage: u, Percent: int((u.Total - u.Free) * 100 / u.Total), Class: "good"}
	switch {
	case s.Percent > 90:
		s.Class = "bad"
	case s.Percent > 80:
		s.Class = "warn"
	}
	return s
}

type ticketView struct {
	view
	T                                           model.Ticket
	PlatformName, Token, Explore                string
	Note                                        any // sanitised HTML
	Archives                                    []archiveRow
	ReportID                                    int64 // of the archive whose report is shown
	Ask                                         askForm
	CanAsk                                      bool
	MayWrite, MayDownload, MayImport, MayDelete bool
}

type archiveRow struct {
	model.Archive
	Running, HasReport bool
	Progress, Why      string // how far it is; why it was not read
}

// maxArchives of one ticket that its page shows.
const maxArchives = 200

// ticketView is the page of a ticket; token is shown this one time.
func (p *Pages) ticketView(r *http.Request, i *guard.Info, t model.Ticket, token string) (ticketView, error) {
	ctx, may := r.Context(), func(right tickets.Right) bool { return i.Who.Allow(right) == nil }
	v := ticketView{
		view: p.base(r, i, "tickets", t.Number), T: t, Token: token, PlatformName: t.Platform, Note: markdown(t.Note),
		MayWrite: may(tickets.WriteTickets), MayDownload: may(tickets.Download), MayImport: may(tickets.Import), MayDelete: may(tickets.Delete),
	}
	v.Scripts = []string{"live.js"}
	if pl, err := p.Tickets.Platform(ctx, i.Who, t.Platform); err == nil {
		v.PlatformName = pl.PrettyName
	}
	list, _, err := p.Tickets.Archives(ctx, i.Who, model.ArchiveFilter{Ticket: t.Number, Page: model.Page{Limit: maxArchives}})
	if err != nil {
		return v, err
	}
	var whole span
	for _, a := range list {
		row := archiveRow{Archive: a, Running: running(a.Import), HasReport: a.Import.Reported && may(tickets.ReadReport), Progress: p.progressText(i, a.Import)}
		if row.HasReport && v.ReportID == 0 {
			v.ReportID = a.ID
		}
		if s := a.Import.State; s == model.ImportFailed || s == model.ImportQuarantined {
			row.Why = p.text(i, "import.why."+string(s))
		}
		whole.add(a.Import)
		v.Archives = append(v.Archives, row)
	}
	if p.Importer != nil && !whole.from.IsZero() {
		v.Explore = p.Importer.Explore(ctx, t.Number)
		v.CanAsk = may(tickets.Ask)
		v.Ask = p.askForm(i, t, whole, nil)
	}
	return v, nil
}

func running(i model.Import) bool {
	return i.State == model.ImportQueued || i.State == model.ImportRunning
}

func (p *Pages) progressText(i *guard.Info, m model.Import) string {
	if m.State == model.ImportQueued || m.Total <= 0 {
		return p.text(i, "import.waiting")
	}
	return fmt.Sprintf("%d %% · %s / %s", min(m.Done*100/m.Total, 100), size(i.Lang, m.Done), size(i.Lang, m.Total))
}

func (p *Pages) ticket(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	t, err := p.Tickets.Ticket(r.Context(), i.Who, r.PathValue("number"))
	if err != nil {
		return err
	}
	if t.Platform != r.PathValue("platform") || t.Number != r.PathValue("number") {
		return see(w, r, ticketURL(t))
	}
	return p.showTicket(w, r, i, http.StatusOK, t, "")
}

func (p *Pages) showTicket(w http.ResponseWriter, r *http.Request, i *guard.Info, status int, t model.Ticket, token string) error {
	v, err := p.ticketView(r, i, t, token)
	if err != nil {
		return err
	}
	v.Flash = append(v.Flash, p.Guard.Flashes(r.Context())...)
	return p.render(w, i, status, "ticket", v)
}

// ticketDo is what the buttons of a ticket's page do.
func (p *Pages) ticketDo(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	ctx, number := r.Context(), r.PathValue("number")
	t, err := p.Tickets.Ticket(ctx, i.Who, number)
	if err != nil {
		return err
	}
	switch r.PathValue("action") {
	case "resolve", "reopen":
		resolved := r.PathValue("action") == "resolve"
		if t, err = p.Tickets.UpdateTicket(ctx, i.Who, number, model.TicketChange{Resolved: &resolved}); err != nil {
			return err
		}
	case "rotate":
		token, err := p.Tickets.RotateToken(ctx, i.Who, number)
		if err != nil {
			return err
		}
		if t, err = p.Tickets.Ticket(ctx, i.Who, number); err != nil {
			return err
		}
		return p.showTicket(w, r, i, http.StatusOK, t, token)
	case "revoke":
		if err := p.Tickets.RevokeToken(ctx, i.Who, number); err != nil {
			return err
		}
	case "delete":
		if err := p.Tickets.DeleteTicket(ctx, i.Who, number); err != nil {
			return err
		}
		p.Guard.Flash(ctx, "good", fmt.Sprintf(p.text(i, "ticket.deleted"), number))
		return see(w, r, "/tickets/")
	default:
		return model.ErrNotFound
	}
	return see(w, r, ticketURL(t))
}

type sureView struct {
	view
	Question, Text, Action, Back string
}

// sure asks before something is deleted.
func (p *Pages) sure(w http.ResponseWriter, r *http.Request, i *guard.Info, section, question, text, action, back string) error {
	v := sureView{view: p.base(r, i, section, question), Question: question, Text: text, Action: action, Back: back}
	v.Width = "middle"
	return p.render(w, i, http.StatusOK, "sure", v)
}

func (p *Pages) ticketDelete(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	t, err := p.Tickets.Ticket(r.Context(), i.Who, r.PathValue("number"))
	if err != nil {
		return err
	}
	return p.sure(w, r, i, "tickets", fmt.Sprintf(p.text(i, "ticket.sure"), t.Number), p.text(i, "ticket.suretext"), "/tickets/do/"+t.Number+"/delete/", ticketURL(t))
}
