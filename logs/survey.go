package logs

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/wiring"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/transform"
)

// unknownHost is the label host of lines of which nothing tells the host. The
// name of this machine, which the plugin takes, would be wrong.
const unknownHost = "unknown"

// HostConfig is c for logs of a host.
func HostConfig(c *config.Config, host string) *config.Config {
	own := *c
	own.Host = cmp.Or(host, unknownHost)
	return &own
}

// Transforms makes entries of blocks. Sources of one host share a memory, as
// they do in the plugin.
type Transforms struct {
	c     *config.Config
	log   *slog.Logger
	hosts map[string]*transform.Transform
}

// NewTransforms makes Transforms.
func NewTransforms(c *config.Config, log *slog.Logger) *Transforms {
	return &Transforms{c, log, map[string]*transform.Transform{}}
}

// Block gives the entries of b to see; each is valid until see returns.
func (t *Transforms) Block(b *Block, see func(*entry.Entry)) error {
	tr := t.hosts[b.Source.Host]
	if tr == nil {
		tr = transform.New(wiring.Options(HostConfig(t.c, b.Source.Host), t.log))
		t.hosts[b.Source.Host] = tr
	}
	run := tr.Begin(b.Tag, b.Data, see)
	err := transform.Chunk(run, b.Data)
	run.Close(true)
	return err
}

// Look is who looks at what a survey reads.
type Look struct {
	// Block is told of each block before its entries come; false leaves it out.
	// nil looks at all.
	Block func(*Block) bool
	// Contains, if not "", is a text that one is looking for: entries whose line
	// does not hold it may be left out. Such a text must be one that the
	// transform does not make (see MayContain).
	Contains string
	// Entry gets each entry, which is valid until it returns.
	Entry func(*rotation.Source, *entry.Entry)
}

// Survey makes the entries of a lane that ship would send, in or out of the
// range of times that is asked for. It may be called again.
func (s *Set) Survey(ctx context.Context, l *rotation.Lane, look Look) error {
	t := NewTransforms(s.o.Config, s.o.Log)
	rd := rotation.NewReader(l, s.rotation())
	if MayContain(s.o.Config, look.Contains) {
		rd.Contains = look.Contains
	}
	return s.chunks(ctx, rd, func(b *Block) error {
		if look.Block != nil && !look.Block(b) {
			return ctx.Err()
		}
		return cmp.Or(t.Block(b, func(e *entry.Entry) { look.Entry(b.Source, e) }), ctx.Err())
	})
}

// Survey finds logs and gives to see the entries that ship would send, those
// that are asked for, source by source as they are read. partly reports whether
// something was left out; notices, which may be nil, has what.
func Survey(ctx context.Context, o Options, notices *Notices, see func(*rotation.Source, *entry.Entry)) (partly bool, err error) {
	s, err := Open(ctx, o, notices)
	if err != nil {
		return false, err
	}
	defer s.Close()
	for _, l := range s.Lanes {
		err := s.Survey(ctx, l, Look{Entry: func(src *rotation.Source, e *entry.Entry) {
			if o.InRange(e.Time) {
				see(src, e)
			}
		}})
		if err != nil {
			return false, err
		}
	}
	return s.Partly(), nil
}

// MayContain reports whether a line that holds the text was made of one that
// holds it, so that it can be looked for before anything is read: it has no
// line end, and nothing that stands for what was taken out.
func MayContain(c *config.Config, text string) bool {
	return text != "" && !c.Pseudonymize && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '*' || r == utf8.RuneError })
}
