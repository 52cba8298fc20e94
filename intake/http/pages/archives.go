package pages

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

func archiveID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, fmt.Errorf("archive %q: %w", r.PathValue("id"), model.ErrNotFound)
	}
	return id, nil
}

// download sends the bytes of an archive to be saved.
func (p *Pages) download(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	id, err := archiveID(r)
	if err != nil {
		return err
	}
	a, err := p.Tickets.Download(r.Context(), i.Who, id)
	if err != nil {
		return err
	}
	blob, err := p.Open(r.Context(), a.Blob)
	if err != nil {
		return fmt.Errorf("archive %d: %w", id, err)
	}
	defer func() { _ = blob.Close() }()
	guard.Attachment(w, r, a.Name, a.SHA256, a.Created, blob)
	return nil
}

// reportCSP lets a report do nothing: no script, no network, no form, and no
// origin. Its own style stands in it, it may be shown within the page of its
// ticket, and a person who clicks a finding is asked away from it.
const reportCSP = "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

func (p *Pages) report(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	id, err := archiveID(r)
	if err != nil {
		return err
	}
	html, _, err := p.Tickets.Report(r.Context(), i.Who, id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", reportCSP)
	w.Header().Del("Cross-Origin-Opener-Policy") // a sandbox has no opener, and some browsers refuse both
	_, _ = w.Write(html)
	return nil
}

// progress is how far an import is, for the page's script.
func (p *Pages) progress(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	id, err := archiveID(r)
	if err != nil {
		return err
	}
	a, err := p.Tickets.Archive(r.Context(), i.Who, id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"state": a.Import.State, "over": !running(a.Import), "report": a.Import.Reported, "done": a.Import.Done, "total": a.Import.Total, "text": p.progressText(i, a.Import), "badge": p.text(i, "import."+string(a.Import.State)),
	})
}

// archiveDo is what the buttons of an archive do.
func (p *Pages) archiveDo(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	id, err := archiveID(r)
	if err != nil {
		return err
	}
	a, err := p.Tickets.Archive(r.Context(), i.Who, id)
	if err != nil {
		return err
	}
	t, err := p.Tickets.Ticket(r.Context(), i.Who, a.Ticket)
	if err != nil {
		return err
	}
	switch r.PathValue("action") {
	case "import":
		err = p.Tickets.Import(r.Context(), i.Who, id)
	case "delete":
		if err = p.Tickets.DeleteArchive(r.Context(), i.Who, id); err == nil {
			p.Guard.Flash(r.Context(), "good", fmt.Sprintf(p.text(i, "archive.deleted"), a.Name))
		}
	default:
		err = model.ErrNotFound
	}
	if err != nil {
		return err
	}
	return see(w, r, ticketURL(t)+"#archives")
}

func (p *Pages) archiveDelete(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	id, err := archiveID(r)
	if err != nil {
		return err
	}
	a, err := p.Tickets.Archive(r.Context(), i.Who, id)
	if err != nil {
		return err
	}
	t, err := p.Tickets.Ticket(r.Context(), i.Who, a.Ticket)
	if err != nil {
		return err
	}
	return p.sure(w, r, i, "tickets", fmt.Sprintf(p.text(i, "archive.sure"), a.Name), p.text(i, "archive.suretext"), fmt.Sprintf("/archives/do/%d/delete/", id), ticketURL(t))
}
