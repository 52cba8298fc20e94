package pipeline

import (
	"log/slog"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/loki"
)

// NewClient makes the client that a configuration describes, for commands that
// ask Loki. dead may be nil.
func NewClient(cfg *config.Config, dead *deadletter.Writer, log *slog.Logger) (*loki.Client, error) {
	return loki.NewClient(clientOptions(cfg, dead, log))
}

// NewCopier makes the client for entries that are copied from another store:
// their labels stay as they are (loki.Options.KeepLabels).
func NewCopier(cfg *config.Config, dead *deadletter.Writer, log *slog.Logger) (*loki.Client, error) {
	o := clientOptions(cfg, dead, log)
	o.KeepLabels = true
	return loki.NewClient(o)
}
