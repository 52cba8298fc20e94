package flags

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// Interrupted ends a command that a signal ended before its work was done.
type Interrupted struct{ Signal syscall.Signal }

// Error implements error.
func (e Interrupted) Error() string { return "interrupted" }

// exitSignal is what shells add to the number of a signal that ended a process.
const exitSignal = 128

// Interruptible is a context that ends with Ctrl-C and SIGTERM; a second Ctrl-C
// ends the process at once.
func Interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	came := make(chan os.Signal, 1)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(came)
		select {
		case s := <-came:
			number, _ := s.(syscall.Signal) // every signal of this system is one
			cancel(Interrupted{number})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// Ended is err, or Interrupted if it only says that a signal has ended ctx.
func Ended(ctx context.Context, err error) error {
	if by, ok := errors.AsType[Interrupted](context.Cause(ctx)); ok && errors.Is(err, context.Canceled) {
		return by
	}
	return err
}
