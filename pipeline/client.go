package pipeline

import (
	"log/slog"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/loki"
)

// NewClient makes a client for commands that ask Loki and deliver nothing.
func NewClient(cfg *config.Config, log *slog.Logger) (*loki.Client, error) {
	return loki.NewClient(clientOptions(cfg, nil, log))
}
