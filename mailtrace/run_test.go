package mailtrace

import (
	"testing"
	"time"
)

const second = int64(time.Second)

// step plays one chunk and hands its Run on before it ends.
func step(m *Memory, rc *Recalled, play func(*Run)) *Recalled {
	r := m.Begin(rc)
	play(r)
	r.Resolve()
	r.Commit()
	kept := r.Keep()
	r.Close()
	return kept
}

// of resolves and returns what is known of a mail.
func of(r *Run, ref Ref) Facts {
	r.Resolve()
	return *r.Of(ref)
}

func want(t *testing.T, got, want Facts) {
	t.Helper()
	if got != want {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestMailThroughFilters(t *testing.T) {
	m := New(Options{})
	step(m, nil, func(r *Run) {
		q1 := r.Start("mta", "Q1", 1*second)
		r.Known(q1, Facts{User: "anna@example.com", ClientIP: "192.0.2.101"})
		if r.Identify("mta", "Q1", "<1@example.com>", 2*second) != q1 {
			t.Error("the message-id is of another mail")
		}
		r.Known(q1, Facts{From: "anna@example.com"})
	})
	step(m, nil, func(r *Run) {
		q2 := r.Start("mta", "Q2", 3*second) // back from amavis, which told no client
		r.Identify("mta", "Q2", "<1@example.com>", 3*second)
		r.Link(q2, r.Mail("mta", "Q1", 4*second)) // the delivery's "queued as Q2"
		r.End(r.Mail("mta", "Q1", 4*second))
		want(t, of(r, q2), Facts{MessageID: "<1@example.com>", QueueID: "Q2", From: "anna@example.com", User: "anna@example.com", ClientIP: "192.0.2.101"})
	})
	step(m, nil, func(r *Run) {
		q3 := r.Mail("mta", "Q3", 5*second) // neither smtpd's nor cleanup's line was seen
		r.Link(q3, r.Mail("mta", "Q2", 5*second))
		want(t, of(r, q3), Facts{MessageID: "<1@example.com>", QueueID: "Q3", From: "anna@example.com", User: "anna@example.com", ClientIP: "192.0.2.101"})
		want(t, of(r, r.Mail("other", "Q1", 5*second)), Facts{QueueID: "Q1"}) // another host's
	})
}

func TestQueueIDIsReused(t *testing.T) {
	m := New(Options{})
	step(m, nil, func(r *Run) {
		first := r.Start("mta", "Q1", 1*second)
		r.Identify("mta", "Q1", "<1@example.com>", 1*second)
		r.End(first)
		late := r.Mail("mta", "Q1", 2*second) // amavis's line comes after Postfix's
		if late != first {
			t.Error("a late line is of another mail")
		}
		second := r.Start("mta", "Q1", 2*second)
		r.Known(second, Facts{User: "boris"})
		r.Identify("mta", "Q1", "<2@example.com>", 3*1e9)
		want(t, of(r, first), Facts{MessageID: "<1@example.com>", QueueID: "Q1"})
		want(t, of(r, second), Facts{MessageID: "<2@example.com>", QueueID: "Q1", User: "boris"})
	})
	step(m, nil, func(r *Run) {
		want(t, of(r, r.Mail("mta", "Q1", 4*second)), Facts{MessageID: "<2@example.com>", QueueID: "Q1", User: "boris"})
		third := r.Identify("mta", "Q1", "<3@example.com>", 5*second) // neither end nor beginning was seen
		want(t, of(r, third), Facts{MessageID: "<3@example.com>", QueueID: "Q1"})
	})
}

func TestNotification(t *testing.T) {
	r := New(Options{}).Begin(nil)
	mail := r.Identify("mta", "Q1", "<1@example.com>", second)
	notice := r.Identify("mta", "N1", "<n@mta>", second)
	filtered := r.Start("mta", "N2", second) // the notice's own way through a filter
	r.Link(filtered, notice)
	r.Notifies(notice, mail)
	want(t, of(r, notice), Facts{MessageID: "<n@mta>", QueueID: "N1", OriginalMessageID: "<1@example.com>"})
	want(t, of(r, filtered), Facts{MessageID: "<n@mta>", QueueID: "N2", OriginalMessageID: "<1@example.com>"})
}

func TestLinksInARing(t *testing.T) {
	r := New(Options{}).Begin(nil)
	a, b := r.Mail("mta", "A", 1), r.Mail("mta", "B", 1)
	r.Link(a, b)
	r.Link(b, a)
	r.Notifies(a, b)
	r.Notifies(b, a)
	r.Known(a, Facts{User: "anna"})
	want(t, of(r, b), Facts{QueueID: "B", User: "anna"})
}

func TestServerSession(t *testing.T) {
	r := New(Options{}).Begin(nil)
	s := Session{Host: "mta", Program: "smtpd", PID: "7"}
	connect := r.Connect(s, 1)
	filter := r.Line(s, 2)
	one := r.Start("mta", "Q1", 3)
	r.Handles(s, one, 3)
	between := r.Line(s, 4)
	two := r.Start("mta", "Q2", 5)
	r.Handles(s, two, 5)
	refused := r.Line(s, 6) // no mail follows
	lost := r.Last(s, 7)
	bye := r.Disconnect(s, 8)
	again := r.Connect(s, 9)
	three := r.Start("mta", "Q3", 10)
	r.Handles(s, three, 10)
	for name, f := range map[string]struct {
		at   Place
		want Ref
	}{
		"connect": {connect, one}, "filter": {filter, one}, "between": {between, two}, "refused": {refused, 0},
		"lost": {lost, two}, "bye": {bye, two}, "the next connection": {again, three}, "nowhere": {Place{}, 0},
	} {
		if got := r.At(f.at); got != f.want {
			t.Errorf("%s is of mail %d, want %d", name, got, f.want)
		}
	}
}

func TestClientSession(t *testing.T) {
	r := New(Options{}).Begin(nil)
	s := Session{Host: "mta", Program: "smtp", PID: "7", Client: true}
	r.Handles(s, r.Mail("mta", "Q0", 1), 1)
	tls := r.Line(s, 2)
	one := r.Mail("mta", "Q1", 3)
	r.Handles(s, one, 3)
	r.Handles(s, one, 3) // the next recipient
	rest := r.Line(s, 4)
	if got := r.At(tls); got != one {
		t.Errorf("the line before the delivery is of mail %d", got)
	}
	if got := r.At(rest); got != 0 {
		t.Errorf("a line that no delivery follows is of mail %d", got)
	}
}

func TestSessionsGoOn(t *testing.T) {
	m := New(Options{})
	s := Session{Host: "mta", Program: "smtpd", PID: "7"}
	job := Session{Host: "mta", Program: "amavis", PID: "11-02", Job: true}
	step(m, nil, func(r *Run) {
		r.Connect(s, second)
		q1 := r.Identify("mta", "Q1", "<1@example.com>", second)
		r.Handles(s, q1, second)
		before := r.Line(job, second)
		r.Handles(job, q1, second)
		if r.At(before) != q1 {
			t.Error("a job's line before the verdict is of no mail")
		}
	})
	step(m, nil, func(r *Run) {
		if got := r.Of(r.At(r.Line(job, 2*second))).MessageID; got != "<1@example.com>" {
			t.Errorf("job goes on with %q", got)
		}
		if got := r.Of(r.At(r.Disconnect(s, 2*second))).MessageID; got != "<1@example.com>" {
			t.Errorf("session ends with %q", got)
		}
	})
	step(m, nil, func(r *Run) {
		if got := r.At(r.Last(s, 3*second)); got != 0 {
			t.Errorf("a session that had ended goes on with mail %d", got)
		}
	})
}

func TestOwners(t *testing.T) {
	m := New(Options{})
	step(m, nil, func(r *Run) {
		if got := r.OwnerOf("mbs", "7", 1); got != "" {
			t.Errorf("owner %q of a mailbox that nobody named", got)
		}
		r.Owner("mbs", "7", "anna@example.com", 1)
		r.Owner("mbs", "8", "boris@example.com", 1)
		r.Owner("mbs", "8", "delegate@example.com", 2)
		r.Owner("mbs", "8", "boris@example.com", 3)
	})
	step(m, nil, func(r *Run) {
		for _, f := range []struct{ host, id, want string }{{"mbs", "7", "anna@example.com"}, {"other", "7", ""}, {"mbs", "8", ""}} {
			if got := r.OwnerOf(f.host, f.id, 4); got != f.want {
				t.Errorf("owner of %s on %s: %q, want %q", f.id, f.host, got, f.want)
			}
		}
	})
}

// A chunk that comes again must get the answers of the first time, whatever
// was learned since.
func TestRetry(t *testing.T) {
	m := New(Options{})
	step(m, nil, func(r *Run) { r.Identify("mta", "Q1", "<1@example.com>", second) })
	chunk := func(r *Run) (Facts, Facts) {
		q1, q2 := r.Mail("mta", "Q1", 2*second), r.Mail("mta", "Q2", 2*second)
		return of(r, q1), of(r, q2)
	}
	var first [2]Facts
	rc := step(m, nil, func(r *Run) { first[0], first[1] = chunk(r) })
	step(m, nil, func(r *Run) { // a later chunk, delivered before the retry
		r.Known(r.Mail("mta", "Q1", 3*second), Facts{User: "anna"})
		r.Identify("mta", "Q2", "<2@example.com>", 3*second)
	})
	step(m, rc, func(r *Run) {
		q1, q2 := chunk(r)
		want(t, q1, first[0])
		want(t, q2, first[1])
	})
	step(m, nil, func(r *Run) { // and the retry has not undone what came after
		want(t, of(r, r.Mail("mta", "Q1", 4*second)), Facts{MessageID: "<1@example.com>", QueueID: "Q1", User: "anna"})
	})
	m.Release(rc)
}

// What a line with a name and a line without one get must not depend on what
// the memory has learned between the first and the second time of a chunk.
func TestRetryOwners(t *testing.T) {
	chunks := map[string]func(r *Run) string{
		"learn, ask": func(r *Run) string {
			r.Owner("mbs", "7", "anna", 10)
			return r.OwnerOf("mbs", "7", 11)
		},
		"ask, learn, ask": func(r *Run) string {
			first := r.OwnerOf("mbs", "7", 10)
			r.Owner("mbs", "7", "anna", 11)
			return first + "," + r.OwnerOf("mbs", "7", 12)
		},
		"learn two, ask": func(r *Run) string {
			r.Owner("mbs", "7", "anna", 10)
			r.Owner("mbs", "7", "boris", 11)
			return r.OwnerOf("mbs", "7", 12)
		},
		"learn, too late to ask": func(r *Run) string {
			r.Owner("mbs", "7", "anna", 10)
			return r.OwnerOf("mbs", "7", 10+int64(2*DefaultAge))
		},
	}
	owners := map[string][]string{"nobody": nil, "the same": {"anna"}, "another": {"boris"}, "several": {"anna", "boris"}}
	learn := func(m *Memory, names []string) {
		step(m, nil, func(r *Run) {
			for _, name := range names {
				r.Owner("mbs", "7", name, 1)
			}
		})
	}
	for name, chunk := range chunks {
		for before, names := range owners {
			for between, later := range owners {
				m := New(Options{})
				learn(m, names)
				var first, second string
				rc := step(m, nil, func(r *Run) { first = chunk(r) })
				learn(m, later)
				step(m, rc, func(r *Run) { second = chunk(r) })
				if first != second {
					t.Errorf("%s, known before %s, learned between %s: first %q, then %q", name, before, between, first, second)
				}
			}
		}
	}
}
