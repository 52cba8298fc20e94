package backup

import (
	"context"
	"fmt"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// Cleanup calls found with each blob that no row names and that nobody wrote
// since before, and removes it unless dry. Younger ones may belong to an upload
// that is being finished. What dead writers left goes too.
func Cleanup(ctx context.Context, db *store.DB, blobs files.Blobs, before time.Time, dry bool, found func(files.Info)) error {
	var old []files.Info
	for info, err := range blobs.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("cleanup: %w", err)
		}
		if info.Modified.Before(before) {
			old = append(old, info)
		}
	}
	// Only now: a row that comes after the list names a blob that is in it, or one
	// that is not.
	named := map[string]bool{}
	if err := db.Blobs(ctx, func(key string) error { named[key] = true; return nil }); err != nil {
		return err
	}
	for _, info := range old {
		if named[info.Key] {
			continue
		}
		found(info)
		if dry {
			continue
		}
		if err := blobs.Delete(ctx, info.Key); err != nil {
			return fmt.Errorf("cleanup: %w", err)
		}
	}
	if dry {
		return nil
	}
	return blobs.Sweep(ctx, before)
}
