// Package wiring makes a transform of a configuration: for the plugin, the
// command line and the filter alike. It stands apart from package pipeline so
// that the filter does not bring the client of Loki with it.
package wiring

import (
	"crypto/rand"
	"log/slog"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/mailtrace"
	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/person"
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
		CIM:             cfg.FieldNames == format.NamesCIM,
		Log:             log,
	}
	for _, k := range cfg.LabelKeys {
		o.LabelKeys = append(o.LabelKeys, k.Key)
	}
	o.KeepSecrets = !cfg.Redact
	if cfg.Pseudonymize {
		o.Pseudonyms, o.PseudonymLogs = person.NewPseudonyms(pseudonymKey(cfg, log)), cfg.PseudonymizeLogs
	}
	return o
}

// pseudonymKey returns the key of pseudonyms. A configuration whose files were
// not checked has none: then a key of this process hides the persons, and their
// hashes mean nothing elsewhere.
func pseudonymKey(cfg *config.Config, log *slog.Logger) []byte {
	if cfg.PseudonymizeKey.IsSet() {
		return []byte(cfg.PseudonymizeKey.Reveal())
	}
	key, err := config.ReadPseudonymizeKey(cfg.PseudonymizeKeyFile)
	if err != nil {
		log.Warn("pseudonyms are made with a key of this process, not that of pseudonymize_key_file", "error", err)
		key = []byte(rand.Text())
	}
	return key
}
