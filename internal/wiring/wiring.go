// Package wiring makes a transform of a configuration: for the plugin, the
// command line and the filter alike. It stands apart from package pipeline so
// that the filter does not bring the client of Loki with it.
package wiring

import (
	"log/slog"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/mailtrace"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Options is what a configuration asks of the transform.
func Options(cfg *config.Config, log *slog.Logger) transform.Options {
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
	return o
}
