package pipeline

import (
	"log/slog"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/internal/wiring"
	"github.com/zimbraloki/zimbraloki/transform"
)

// NewTransform makes the transform that a configuration asks for.
func NewTransform(cfg *config.Config, log *slog.Logger) *transform.Transform {
	return transform.New(wiring.Options(cfg, log))
}
