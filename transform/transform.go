package transform

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/mailtrace"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/person"
)

// Options configures a Transform. The zero value works.
type Options struct {
	Labels          []entry.Pair   // static labels; they win over the ones of the formats
	LabelKeys       []string       // metadata or record keys that become labels
	LabelValueLimit int            // values a label may have; 0 means 100
	Host            string         // label host where a line does not name its own
	Location        *time.Location // zone of times without one; nil means time.Local
	TenantKey       string         // metadata or record key whose value is the tenant
	PayloadKey      string         // record key that holds the line; "" tries log, MESSAGE, message
	PathKey         string         // record key that holds the file's path; "" tries the usual ones
	MaxLineBytes    int            // Loki's max_line_size; 0 means 256 KiB
	MaxEventBytes   int            // of an entry that lines are joined to; 0 means MaxLineBytes
	MaxLines        int            // lines of one entry; 0 means 1000
	Mails           mailtrace.Options
	NoMails         bool               // mails are not followed
	KeepSecrets     bool               // leave secrets as they are instead of writing *** in their place
	Pseudonyms      *person.Pseudonyms // persons are replaced by what it gives; nil leaves them as they are
	PseudonymLogs   []string           // values of the labels log and service_name whose persons are replaced; empty means all
	CIM             bool               // metadata has the names of format.CIM
	Log             *slog.Logger       // nil means none
}

// Defaults of Options.
const (
	DefaultLabelValueLimit = 100
	DefaultMaxLineBytes    = 256 << 10 // Loki's limits_config.max_line_size
	DefaultMaxLines        = 1000
)

// Transform makes Runs, one for each chunk, and keeps what one chunk must
// know of another. It may be used by several goroutines.
type Transform struct {
	opts      Options
	labelKeys []labelKey
	tenantKey labelKey
	labels    *labeler
	memory    memory
	mails     *mailtrace.Memory // nil if mails are not followed
	runs      sync.Pool
	stats     Stats
}

// Stats counts what a Transform has seen since it was made; all but Retries
// when a chunk is acknowledged, so that one which comes again counts once.
type Stats struct {
	Entries   []atomic.Int64 // by Spec.ID
	Lines     atomic.Int64   // records
	Truncated atomic.Int64   // lines cut for being longer than Loki takes
	Overflows atomic.Int64   // values that a label had no room for
	Retries   atomic.Int64   // chunks that came again

	outcomes [maxOutcomes]atomic.Int64
	newest   newestTimes
}

// New makes a Transform.
func New(o Options) *Transform {
	if o.LabelValueLimit <= 0 {
		o.LabelValueLimit = DefaultLabelValueLimit
	}
	if o.Location == nil {
		o.Location = time.Local
	}
	if o.MaxLineBytes <= 0 {
		o.MaxLineBytes = DefaultMaxLineBytes
	}
	o.MaxLineBytes = max(o.MaxLineBytes, utf8.UTFMax)
	if o.MaxEventBytes <= 0 || o.MaxEventBytes > o.MaxLineBytes {
		o.MaxEventBytes = o.MaxLineBytes
	}
	if o.MaxLines <= 0 {
		o.MaxLines = DefaultMaxLines
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t := &Transform{opts: o, labels: newLabeler(o.Labels, o.LabelValueLimit, o.Log)}
	t.memory.init()
	if !o.NoMails {
		t.mails = mailtrace.New(o.Mails)
		t.memory.mails = t.mails
	}
	t.addLabelKeys()
	t.tenantKey = newLabelKey(o.TenantKey)
	t.stats.Entries = make([]atomic.Int64, len(formats.All()))
	t.runs.New = func() any { return newRun(t) }
	return t
}

// addLabelKeys takes the label keys that can become labels: not those that a
// static label has the name of, no name twice, and no more than Loki takes
// together with the labels that are always there. The others stay metadata.
func (t *Transform) addLabelKeys() {
	names := map[string]bool{}
	for _, l := range format.BuiltinLabels {
		names[l] = true
	}
	taken := map[string]bool{}
	for _, p := range t.opts.Labels {
		if p.Value != "" {
			names[p.Name], taken[p.Name] = true, true
		}
	}
	for _, key := range t.opts.LabelKeys {
		k := newLabelKey(key)
		if taken[k.label] || !names[k.label] && len(names) >= maxLabels {
			t.opts.Log.Warn("label key stays metadata: its name is taken, or Loki takes no more labels",
				"key", key, "label", k.label, "limit", maxLabels)
			continue
		}
		names[k.label], taken[k.label] = true, true
		t.labelKeys = append(t.labelKeys, k)
	}
}

func newLabelKey(key string) labelKey {
	if len(key) > 0 && key[0] == '$' {
		key = key[1:]
	}
	k := labelKey{key: key, label: entry.LabelName(key), field: -1}
	for f := range format.NumFields {
		if f.String() == key {
			k.field = int(f)
		}
	}
	return k
}

// Mails returns how many mails, sessions and mailboxes are remembered, and the
// bytes that they take.
func (t *Transform) Mails() (entries, bytes int) {
	if t.mails == nil {
		return 0, 0
	}
	return t.mails.Size()
}

// Stats returns the counters, which go on counting.
func (t *Transform) Stats() *Stats { return &t.stats }
