// Package demotest runs the demo for tests.
package demotest

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/demo"
)

// Run runs the demo without a word; it ends with the test.
func Run(t *testing.T, o demo.Options) *demo.Demo {
	t.Helper()
	o.Log = io.Discard
	d, err := demo.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := d.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return d
}
