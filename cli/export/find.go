package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/casefile"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/logs"
)

// Want is what entries are asked for: all that is given must be so.
type Want struct {
	User, Client, MessageID, Outcome string
	Query                            string // LogQL of logs
	network                          netip.Prefix
}

func (w *Want) check() (err error) {
	if *w == (Want{}) {
		return errors.New("export needs --user, --client-ip, --message-id, --outcome or --query: say what to look for")
	}
	if w.MessageID != "" {
		w.MessageID = "<" + strings.Trim(w.MessageID, "<>") + ">"
	}
	if w.Client != "" {
		if w.network, err = netip.ParsePrefix(w.Client); err != nil {
			a, err := netip.ParseAddr(w.Client)
			if err != nil {
				return fmt.Errorf("--client-ip %q: must be an address or a network as 192.0.2.0/24", w.Client)
			}
			w.network = netip.PrefixFrom(a, a.BitLen())
		}
	}
	if w.Query == "" {
		return nil
	}
	expr, err := logql.Parse(w.Query)
	if err != nil {
		return fmt.Errorf("--query: %w", err)
	}
	if _, ok := expr.(*logql.LogExpr); !ok {
		return errors.New("--query counts; give a query of logs, which finds lines")
	}
	return nil
}

// persons are the fields that name somebody.
var persons = [...]string{"user", "auth_user", "from", "to", "orig_to", "target"}

func (w *Want) fits(e *entry.Entry) bool {
	return (w.User == "" || w.person(e)) && (w.Outcome == "" || e.Get("outcome") == w.Outcome) &&
		(w.MessageID == "" || e.Get("message_id") == w.MessageID || e.Get("original_message_id") == w.MessageID) &&
		(w.Client == "" || w.address(e.Get("client_ip")))
}

func (w *Want) person(e *entry.Entry) bool {
	for _, name := range persons {
		for one := range strings.SplitSeq(e.Get(name), ",") {
			local, _, _ := strings.Cut(one, "@")
			if one != "" && (strings.EqualFold(one, w.User) || strings.EqualFold(local, w.User)) {
				return true
			}
		}
	}
	return false
}

func (w *Want) address(ip string) bool {
	a, err := netip.ParseAddr(ip)
	return err == nil && w.network.Contains(a.Unmap())
}

// Find reads the logs. partly reports whether something was left out.
func Find(ctx context.Context, o logs.Options, w Want) (c *casefile.Case, partly bool, err error) {
	n, err := newNames(o.Paths)
	if err != nil {
		return nil, false, err
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	set, err := logs.Open(ctx, o, nil)
	if err != nil {
		return nil, false, err
	}
	defer set.Close()
	c = &casefile.Case{Version: buildinfo.Version, Zone: cmp.Or(o.Config.Location, time.Local)}
	for _, l := range set.Lanes {
		keep := func(e *entry.Entry) bool { return o.InRange(e.Time) && w.fits(e) }
		err := set.Locate(ctx, l, keep, func(list []logs.Located) error {
			list, err := asked(ctx, w.Query, list)
			for _, e := range list {
				c.Lines = append(c.Lines, line(&e, n))
			}
			return err
		})
		if err != nil {
			return nil, false, err
		}
	}
	c.Sources, err = n.sources(ctx, set)
	return c, set.Partly(), err
}

func line(e *logs.Located, n *names) casefile.Line {
	fields := make([]casefile.Field, 0, len(e.Labels.Pairs)+len(e.Meta))
	for _, p := range e.Labels.Pairs {
		if p.Name != "host" {
			fields = append(fields, casefile.Field(p))
		}
	}
	for _, p := range e.Meta { // where a label has the same name, this comes later, and stays
		fields = append(fields, casefile.Field(p))
	}
	return casefile.Line{
		// Behind the microseconds stands what tells entries of one instant apart.
		Time: time.Unix(0, e.Time).Truncate(time.Microsecond), Host: e.Labels.Get("host"), Source: n.of(e.File),
		Offset: e.Offset, Number: e.Place.Line, Raw: slices.Clone(e.Raw), Shown: e.Entry.Line, Fields: fields,
	}
}

// asked keeps what the query finds. Entries of one block differ in time.
func asked(ctx context.Context, query string, list []logs.Located) ([]logs.Located, error) {
	if query == "" || len(list) == 0 {
		return list, nil
	}
	got, err := engine.New(block(list), engine.Options{MaxSeries: math.MaxInt32}).Query(ctx, engine.Params{Query: query, Start: 0, End: math.MaxInt64 - 1})
	if err != nil {
		return nil, err
	}
	found := map[int64]bool{}
	for i := range got.Streams {
		for _, l := range got.Streams[i].Entries {
			found[l.Time] = true
		}
	}
	return slices.DeleteFunc(list, func(e logs.Located) bool { return !found[e.Time] }), nil
}

// block is a source of LogQL's engine.
type block []logs.Located

// Ordered implements engine.Source.
func (b block) Ordered() bool { return false }

// Select implements engine.Source.
func (b block) Select(_ context.Context, sel *engine.Selection, visit func(*entry.Entry) error) error {
	for _, e := range b {
		if !slices.ContainsFunc(sel.Matchers, func(m *logql.Matcher) bool { return !m.Matches(e.Labels.Get(m.Name)) }) {
			if err := visit(e.Entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// create writes a file that is not there yet; what fails leaves none.
func create(name string, c *casefile.Case) (err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(casefile.Write(f, c), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
