package origin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// takeArchives copies the files. One whose content is not what its row says is
// left out and told: nobody knows whether it is what the customer sent.
func (r *run) takeArchives(ctx context.Context) error {
	return r.each(ctx, `SELECT `+texts("file", "size", "md5", "time_create", "ticket_number")+` FROM collector_archive ORDER BY id`, func(c []string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.archive(ctx, c)
		r.count(&r.sum.Archives, "archive "+strconv.Quote(c[0]), err)
		r.sum.Bytes += n
		return nil
	})
}

func (r *run) archive(ctx context.Context, c []string) (int64, error) {
	old, err := strconv.ParseInt(c[4], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("ticket %q: %w", c[4], err)
	}
	number, ok := r.tickets[old]
	if !ok {
		return 0, fmt.Errorf("its ticket %d is not there", old)
	}
	a := model.Archive{Ticket: number, Name: tickets.CleanName(path.Base(c[0])), MD5: c[2], Created: when(c[3]), Guest: true}
	if r.root == nil {
		return 0, errors.New("the folder archives is not there")
	}
	f, err := r.root.Open(c[0]) // never outside of the folder
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if size, err := strconv.ParseInt(c[1], 10, 64); err == nil && size != info.Size() || !info.Mode().IsRegular() {
		return 0, fmt.Errorf("its file has %d bytes, its row says %s", info.Size(), c[1])
	}
	if r.DryRun {
		return info.Size(), r.there(ctx, a)
	}
	t, err := r.db.TicketByNumber(ctx, number)
	if err != nil {
		return 0, err
	}
	if err := r.there(ctx, a); err != nil {
		return 0, err
	}
	return r.copy(ctx, files.NewKey(t.ID), f, a)
}

// there is model.ErrExists when the ticket has that archive already, of an
// earlier run.
func (r *run) there(ctx context.Context, a model.Archive) error {
	list, err := r.db.Archives(ctx, model.ArchiveFilter{Ticket: a.Ticket})
	if err != nil {
		return err
	}
	for _, have := range list {
		if have.Name == a.Name && have.MD5 == a.MD5 {
			return model.ErrExists
		}
	}
	return nil
}

func (r *run) copy(ctx context.Context, key string, from io.Reader, a model.Archive) (int64, error) {
	w, err := r.blobs.Create(ctx, key)
	if err != nil {
		return 0, err
	}
	_, errRead, errWrite := files.Copy(w, from)
	if err := errors.Join(errRead, errWrite); err != nil {
		w.Abort()
		return 0, err
	}
	sum, err := w.Sum()
	if err == nil && sum.MD5 != a.MD5 {
		err = fmt.Errorf("its file has the MD5 %s, its row says %s", sum.MD5, a.MD5)
	}
	if err != nil {
		w.Abort()
		return 0, err
	}
	sum, err = w.Commit(ctx)
	if err != nil {
		return 0, err
	}
	a.Blob, a.Size, a.SHA256 = key, sum.Size, sum.SHA256
	if err := r.db.CreateArchive(ctx, &a); err != nil {
		return 0, errors.Join(err, r.blobs.Delete(ctx, key))
	}
	if r.Import {
		if err := r.db.EnqueueImport(ctx, a.ID, r.Now); err != nil {
			return 0, err
		}
	}
	return sum.Size, nil
}
