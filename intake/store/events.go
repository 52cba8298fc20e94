package store

import (
	"context"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

const eventColumns = `id, time, actor, action, object, outcome, client_ip, user_agent, detail`

func scanEvent(r row) (e model.Event, err error) {
	err = r.Scan(&e.ID, stamp{&e.Time}, &e.Actor, &e.Action, &e.Object, &e.Outcome, &e.ClientIP, &e.UserAgent, &e.Detail)
	return e, err
}

// AddEvent adds a line to the audit trail and sets its ID.
func (db *DB) AddEvent(ctx context.Context, e *model.Event) error {
	err := db.returning(ctx, db.sql, &e.ID, `INSERT INTO events (time, actor, action, object, outcome, client_ip, user_agent, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		micros(e.Time), e.Actor, e.Action, e.Object, e.Outcome, e.ClientIP, e.UserAgent, e.Detail)
	return db.fail("event "+e.Action, err)
}

func eventWhere(f model.EventFilter) *where {
	w := &where{}
	for _, c := range []struct{ column, value string }{
		{"actor", f.Actor}, {"action", f.Action}, {"object", f.Object}, {"outcome", f.Outcome}, {"client_ip", f.ClientIP},
	} {
		if c.value != "" {
			w.add(c.column+" = ?", c.value)
		}
	}
	if !f.From.IsZero() {
		w.add("time >= ?", micros(f.From))
	}
	if !f.To.IsZero() {
		w.add("time < ?", micros(f.To))
	}
	return w
}

// Events are those of a filter, newest first.
func (db *DB) Events(ctx context.Context, f model.EventFilter) ([]model.Event, error) {
	w := eventWhere(f)
	return list(ctx, db, db.sql, "events", scanEvent, `SELECT `+eventColumns+` FROM events`+w.sql()+` ORDER BY time DESC, id DESC`+w.page(f.Page), w.args...)
}

// CountEvents is how many a filter has, its page left out.
func (db *DB) CountEvents(ctx context.Context, f model.EventFilter) (n int, err error) {
	w := eventWhere(f)
	err = db.sql.QueryRowContext(ctx, `SELECT COUNT(*) FROM events`+w.sql(), w.args...).Scan(&n)
	return n, db.fail("events", err)
}

// ForgetEvents removes events that are older.
func (db *DB) ForgetEvents(ctx context.Context, before time.Time) (int64, error) {
	return db.change(ctx, db.sql, "events", `DELETE FROM events WHERE time < $1`, micros(before))
}
