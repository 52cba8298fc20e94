package guard

import (
	"context"
	"encoding/gob"
	"errors"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// What a session holds.
const (
	keyUser     = "user"     // ID
	keyEpoch    = "epoch"    // of the user when he signed in
	keyVerified = "verified" // he gave a second factor
	keyFlash    = "flash"
)

// Flash is a sentence for the next page.
type Flash struct{ Kind, Text string }

func init() { gob.Register([]Flash{}) }

func (g *Guard) bySession(ctx context.Context, i *Info) error {
	id := g.sessions.GetInt64(ctx, keyUser)
	if id == 0 {
		return nil
	}
	u, err := g.accounts.Current(ctx, id, g.sessions.GetInt64(ctx, keyEpoch))
	if errors.Is(err, model.ErrNotFound) {
		return g.sessions.Destroy(ctx)
	}
	if err != nil {
		return err
	}
	i.Way, i.Who.User = "session", u
	// A factor that was taken away verifies nobody any more.
	i.Who.Verified = g.sessions.GetBool(ctx, keyVerified)
	return nil
}

// SignIn makes a session that of a user. Its ID is a new one: who planted the
// old one in somebody's browser has nothing of it.
func (g *Guard) SignIn(ctx context.Context, u model.User, verified bool) error {
	if err := g.sessions.RenewToken(ctx); err != nil {
		return err
	}
	g.sessions.Put(ctx, keyUser, u.ID)
	g.sessions.Put(ctx, keyEpoch, u.Epoch)
	g.sessions.Put(ctx, keyVerified, verified)
	i := From(ctx)
	i.Way, i.Who.User, i.Who.Verified = "session", u, verified
	return nil
}

// Verified marks a session as one with a second factor, under a new ID.
func (g *Guard) Verified(ctx context.Context) error {
	if err := g.sessions.RenewToken(ctx); err != nil {
		return err
	}
	g.sessions.Put(ctx, keyVerified, true)
	From(ctx).Who.Verified = true
	return nil
}

// NewEpoch lets this session live on when the user's others end.
func (g *Guard) NewEpoch(ctx context.Context, epoch int64, verified bool) error {
	if err := g.sessions.RenewToken(ctx); err != nil {
		return err
	}
	g.sessions.Put(ctx, keyEpoch, epoch)
	g.sessions.Put(ctx, keyVerified, verified)
	return nil
}

// SignOut ends a session.
func (g *Guard) SignOut(ctx context.Context) error { return g.sessions.Destroy(ctx) }

// Flash keeps a sentence for the next page.
func (g *Guard) Flash(ctx context.Context, kind, text string) {
	list, _ := g.sessions.Get(ctx, keyFlash).([]Flash)
	g.sessions.Put(ctx, keyFlash, append(list, Flash{Kind: kind, Text: text}))
}

// Flashes are the sentences that were kept, for this one time.
func (g *Guard) Flashes(ctx context.Context) []Flash {
	list, _ := g.sessions.Pop(ctx, keyFlash).([]Flash)
	return list
}

// Keep stores a text in the session under a name, "" takes it away.
func (g *Guard) Keep(ctx context.Context, name, value string) {
	if value == "" {
		g.sessions.Remove(ctx, "keep."+name)
		return
	}
	g.sessions.Put(ctx, "keep."+name, value)
}

// Kept is what Keep stored.
func (g *Guard) Kept(ctx context.Context, name string) string {
	return g.sessions.GetString(ctx, "keep."+name)
}
