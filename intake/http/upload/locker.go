package upload

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// How long a process that died holds an upload, and how often one that lives
// says so and looks whether another waits. Clients wait longer than the first.
const (
	holdFor    = 12 * time.Second
	renewEvery = 4 * time.Second
	lookEvery  = 500 * time.Millisecond
)

// locker lets one request at a time write to an upload: within this process by
// memory, among processes by the database. Whoever comes later has the former one
// stopped, which as a rule belongs to a connection that is dead.
type locker struct {
	memory *memorylocker.MemoryLocker
	db     *store.DB
	log    *slog.Logger
	owner  string

	mu   sync.Mutex
	held map[string]func() // by upload: asks its holder to stop
	stop func()            // of the watch, which runs while something is held
}

func newLocker(db *store.DB, log *slog.Logger) *locker {
	return &locker{memory: memorylocker.New(), db: db, log: log, owner: rand.Text(), held: map[string]func(){}}
}

// errBusy: another request holds the upload and does not let go, as when the
// disk is slow. Clients try again after it.
var errBusy = handler.NewError("ERR_UPLOAD_LOCKED", "the upload is busy, try again", http.StatusLocked)

// errFailed is what a client learns of a fault of ours.
var errFailed = handler.NewError("ERR_SERVER", "the server failed, try again later", http.StatusInternalServerError)

// NewLock implements handler.Locker.
func (l *locker) NewLock(id string) (handler.Lock, error) {
	memory, err := l.memory.NewLock(id)
	return &uploadLock{l, id, memory}, err
}

type uploadLock struct {
	locker *locker
	id     string
	memory handler.Lock
}

// Lock implements handler.Lock. tusd's own way to stop who holds the lock misses a
// request that has it and has not come to its body yet, and nobody would stop that
// one any more; the body itself misses none.
func (k *uploadLock) Lock(ctx context.Context, release func()) error {
	if who, ok := ctx.Value(askerKey{}).(asker); ok {
		release = func() { who.body.interrupt(handler.ErrUploadInterrupted) }
	}
	if err := k.memory.Lock(ctx, release); errors.Is(err, handler.ErrLockTimeout) {
		return errBusy
	} else if err != nil {
		return err
	}
	if err := k.hold(ctx); err != nil {
		return errors.Join(err, k.memory.Unlock())
	}
	k.locker.add(k.id, release)
	return nil
}

// hold takes the upload in the database, waiting for another process.
func (k *uploadLock) hold(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		now := time.Now()
		ok, err := k.locker.db.HoldTus(ctx, k.id, k.locker.owner, now, now.Add(holdFor))
		switch {
		case errors.Is(err, model.ErrNotFound):
			return handler.ErrNotFound
		case err != nil && ctx.Err() == nil:
			k.locker.log.Error("an upload could not be taken", "err", err)
			return errFailed
		case ok:
			return nil
		}
		select {
		case <-ctx.Done():
			return errBusy
		case <-look.C:
		}
	}
}

// Unlock implements handler.Lock.
func (k *uploadLock) Unlock() error {
	k.locker.remove(k.id)
	ctx, cancel := context.WithTimeout(context.Background(), holdFor)
	defer cancel()
	return errors.Join(k.locker.db.ReleaseTus(ctx, k.id, k.locker.owner), k.memory.Unlock())
}

func (l *locker) add(id string, release func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[id] = release
	if l.stop == nil {
		ctx, cancel := context.WithCancel(context.Background())
		l.stop = cancel
		go l.watch(ctx)
	}
}

func (l *locker) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, id)
	if len(l.held) == 0 && l.stop != nil {
		l.stop()
		l.stop = nil
	}
}

// watch renews what is held, and stops holders for whom another process waits or
// that could not say in time that they live: then another may write.
func (l *locker) watch(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		if now := time.Now(); now.Sub(renewed) >= renewEvery && l.renew(ctx, now) {
			renewed = now
		}
		late := time.Since(renewed) >= holdFor-lookEvery
		held, err := l.db.HeldTus(ctx, l.owner)
		if err != nil && !late {
			continue // the next round will do
		}
		l.mu.Lock()
		for id, release := range l.held {
			if wanted, ours := held[id]; wanted || !ours || late {
				release()
			}
		}
		l.mu.Unlock()
	}
}

// renew gives up early enough to be tried again in time.
func (l *locker) renew(ctx context.Context, now time.Time) bool {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	return l.db.RenewTus(ctx, l.owner, now.Add(holdFor)) == nil
}
