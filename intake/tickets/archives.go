package tickets

import (
	"context"
	"fmt"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// Archives are those of a filter that somebody may see, newest first, and how
// many there are on all pages.
func (s *Service) Archives(ctx context.Context, w Who, f model.ArchiveFilter) ([]model.Archive, int, error) {
	if err := w.Allow(ReadArchives); err != nil {
		return nil, 0, err
	}
	if own := s.own(w); own != "" {
		f.Owner = own
	}
	n, err := s.db.CountArchives(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	list, err := s.db.Archives(ctx, f)
	return list, n, err
}

// Archive is one that somebody may see.
func (s *Service) Archive(ctx context.Context, w Who, id int64) (model.Archive, error) {
	return s.findArchive(ctx, w, ReadArchives, id)
}

// Download is an archive whose bytes somebody may have.
func (s *Service) Download(ctx context.Context, w Who, id int64) (a model.Archive, err error) {
	defer func() {
		s.done(ctx, w, model.ActionArchiveDownload, archiveObject(id), err, fmt.Sprintf("ticket=%s name=%q size=%d", a.Ticket, a.Name, a.Size))
	}()
	return s.findArchive(ctx, w, Download, id)
}

// RenameArchive gives an archive another name, cleaned.
func (s *Service) RenameArchive(ctx context.Context, w Who, id int64, name string) (a model.Archive, err error) {
	name = CleanName(name)
	defer func() {
		s.done(ctx, w, model.ActionArchiveModify, archiveObject(id), err, fmt.Sprintf("name=%q", name))
	}()
	if _, err := s.findArchive(ctx, w, WriteArchives, id); err != nil {
		return a, err
	}
	if err := s.db.RenameArchive(ctx, id, name); err != nil {
		return a, err
	}
	return s.db.Archive(ctx, id)
}

// MoveArchive gives an archive to another ticket.
func (s *Service) MoveArchive(ctx context.Context, w Who, id int64, number string) (a model.Archive, err error) {
	defer func() { s.done(ctx, w, model.ActionArchiveModify, archiveObject(id), err, "ticket="+number) }()
	if _, err := s.findArchive(ctx, w, WriteArchives, id); err != nil {
		return a, err
	}
	t, err := s.find(ctx, w, WriteTickets, number)
	if err != nil {
		return a, err
	}
	if err := s.db.MoveArchive(ctx, id, t.Number); err != nil {
		return a, err
	}
	return s.db.Archive(ctx, id)
}

// DeleteArchive removes an archive with its report.
func (s *Service) DeleteArchive(ctx context.Context, w Who, id int64) (err error) {
	var a model.Archive
	defer func() {
		s.done(ctx, w, model.ActionArchiveDelete, archiveObject(id), err, fmt.Sprintf("ticket=%s name=%q", a.Ticket, a.Name))
	}()
	if a, err = s.findArchive(ctx, w, Delete, id); err != nil {
		return err
	}
	blob, err := s.db.DeleteArchive(ctx, id)
	if err != nil {
		return err
	}
	s.dropBlobs(ctx, blob)
	return nil
}

// Import asks for the import of an archive, anew if it had one.
// model.ErrExists: one is under way.
func (s *Service) Import(ctx context.Context, w Who, id int64) (err error) {
	defer func() { s.done(ctx, w, model.ActionImportAsk, archiveObject(id), err, "") }()
	if _, err := s.findArchive(ctx, w, Import, id); err != nil {
		return err
	}
	return s.db.EnqueueImport(ctx, id, s.clock())
}

// Report is the report of an archive.
func (s *Service) Report(ctx context.Context, w Who, id int64) (html, json []byte, err error) {
	defer func() { s.done(ctx, w, model.ActionReport, archiveObject(id), err, "") }()
	if _, err := s.findArchive(ctx, w, ReadReport, id); err != nil {
		return nil, nil, err
	}
	return s.db.Report(ctx, id)
}

// Ask tells whether somebody may ask a ticket's logs something, and notes the
// question.
func (s *Service) Ask(ctx context.Context, w Who, number, question string) (t model.Ticket, err error) {
	defer func() {
		s.done(ctx, w, model.ActionQuestion, ticketObject(number), err, fmt.Sprintf("query=%q", question))
	}()
	return s.find(ctx, w, Ask, number)
}
