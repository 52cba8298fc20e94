package pipeline

import (
	"log/slog"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/mailtrace"
	"github.com/zimbraloki/zimbraloki/transform"
)

// NewTransform makes the transform that a configuration asks for.
func NewTransform(cfg *config.Config, log *slog.Logger) *transform.Transform {
	o := transform.Options{
		Labels:          cfg.Labels,
		Host:            cfg.Host,
		LabelValueLimit: cfg.LabelValueLimit,
		Location:        cfg.Location,
		TenantKey:       cfg.TenantIDKey,
		PayloadKey:      cfg.PayloadKey,
		PathKey:         cfg.PathKey,
		MaxLineBytes:    cfg.MaxLineBytes,
		MaxEventBytes:   cfg.MultilineMaxBytes,
		MaxLines:        cfg.MultilineMaxLines,
		Mails:           mailtrace.Options{Entries: cfg.MailTraceEntries, Age: cfg.MailTraceAge},
		NoMails:         !cfg.MailTrace,
		Log:             log,
	}
	for _, k := range cfg.LabelKeys {
		o.LabelKeys = append(o.LabelKeys, k.Key)
	}
	return transform.New(o)
}
