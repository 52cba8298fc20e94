package ship

import (
	"context"

	"github.com/zimbraloki/zimbraloki/internal/logset"
)

func (r *runner) follow(ctx context.Context, _ []*logset.Lane) error {
	<-ctx.Done()
	return ctx.Err()
}
