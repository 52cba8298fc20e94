package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// tidyEvery is how often the folder is looked through for archives that are gone.
const tidyEvery = time.Minute

// tidy removes what is kept of archives that are gone, until ctx ends.
func (i *Importer) tidy(ctx context.Context) {
	t := time.NewTicker(tidyEvery)
	defer t.Stop()
	for {
		if err := i.Tidy(ctx); err != nil && ctx.Err() == nil {
			i.o.Log.WarnContext(ctx, "what is kept of deleted archives is left; it is tried again", "error", err)
		}
		i.opened.closeIdle()
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Tidy removes what is kept of archives that are gone, and where the settings say
// so asks Loki to delete their entries. What fails is tried again by the next.
func (i *Importer) Tidy(ctx context.Context) error {
	list, err := os.ReadDir(i.o.Dir)
	if err != nil {
		return err
	}
	var failed error
	for _, d := range list {
		if !d.IsDir() || !strings.HasPrefix(d.Name(), "a-") {
			continue
		}
		failed = errors.Join(failed, i.tidyPlace(ctx, filepath.Join(i.o.Dir, d.Name())))
	}
	return failed
}

func (i *Importer) tidyPlace(ctx context.Context, place string) error {
	r, err := readRecord(place)
	if errors.Is(err, os.ErrNotExist) {
		return nil // it is being made
	}
	if err != nil {
		return err
	}
	if _, err := i.o.Store.ArchiveByBlob(ctx, r.Blob); !errors.Is(err, model.ErrNotFound) {
		return err
	}
	i.opened.forget(r.Blob)
	if i.o.Delete && i.o.Loki != nil {
		for _, l := range r.Labels {
			if err := i.deleteFromLoki(ctx, l); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(place)
}

// deleteFromLoki asks Loki's compactor to delete the entries of an archive. Loki
// makes a request of each day (limits_config: delete_max_interval) of the time
// that it is told, so that is no longer than theirs.
func (i *Importer) deleteFromLoki(ctx context.Context, l sent) error {
	u := i.o.Loki.JoinPath("loki/api/v1/delete")
	if base, ok := strings.CutSuffix(strings.TrimSuffix(i.o.Loki.Path, "/"), "/loki/api/v1/push"); ok {
		u.Path = base + "/loki/api/v1/delete"
	}
	u.RawQuery = url.Values{
		"query": {l.selector(true)},
		"start": {time.Unix(l.From.Unix(), 0).UTC().Format(time.RFC3339)},                         // seconds have to have ten digits
		"end":   {time.Unix(min(l.To.Unix()+1, time.Now().Unix()), 0).UTC().Format(time.RFC3339)}, // no future can be deleted
	}.Encode()
	user := u.User
	u.User = nil
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), nil)
	if err != nil {
		return err
	}
	if user != nil {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	if i.o.Tenant != "" {
		req.Header.Set("X-Scope-OrgID", i.o.Tenant)
	}
	res, err := i.o.Client.Do(req)
	if err != nil {
		return fmt.Errorf("deleting entries of archive %d from Loki: %w", l.Archive, err)
	}
	defer res.Body.Close()
	why, _ := io.ReadAll(io.LimitReader(res.Body, 500))
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("deleting entries of archive %d from Loki: %s: %s; the delete API is on where the compactor has retention_enabled and limits_config a deletion_mode; LOKI_DELETE=off does without",
			l.Archive, res.Status, strings.TrimSpace(string(why)))
	}
	i.o.Log.InfoContext(ctx, "Loki was asked to delete an archive's entries", "archive", l.Archive, "ticket", l.Ticket)
	return nil
}
