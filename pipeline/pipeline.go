package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
	"github.com/zimbraloki/zimbraloki/internal/metrics"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Result says what the caller may do with a chunk. None gives it up: what is
// damaged goes to the dead-letter file and ends OK.
type Result int

const (
	// OK: Loki has every entry, or refused it for good and the dead-letter
	// file has it. The chunk may be deleted.
	OK Result = iota
	// Retry: the chunk must come again, byte for byte.
	Retry
)

// Pipeline delivers chunks. It may be used by several goroutines; each Flush
// runs on the goroutine that calls it, from bytes to Loki's answer.
type Pipeline struct {
	transform *transform.Transform
	client    *loki.Client
	dead      *deadletter.Writer // nil if turned off
	timeout   time.Duration      // of one flush
	log       *slog.Logger
	batches   sync.Pool
	damaged   atomic.Int64 // chunks that could not be read to their end
	odd       atomic.Bool  // odd records were logged
	stats     stats
	metrics   *metrics.Server // nil if turned off
}

// Open makes a pipeline. It opens the dead-letter file; it does not ask
// whether Loki is there.
func Open(cfg *config.Config, log *slog.Logger) (*Pipeline, error) {
	p := &Pipeline{transform: NewTransform(cfg, log), timeout: cfg.FlushTimeout, log: log}
	p.batches.New = func() any { return new(loki.Batch) }
	if cfg.DeadLetterPath != "" {
		dead, err := deadletter.Open(deadletter.Options{Path: cfg.DeadLetterPath, MaxBytes: cfg.DeadLetterMaxBytes, Log: log})
		if err != nil {
			return nil, err
		}
		p.dead = dead
	}
	client, err := NewClient(cfg, p.dead, log)
	if err != nil {
		return nil, errors.Join(err, p.closeDead())
	}
	p.client = client
	if err := p.listen(cfg); err != nil {
		return nil, errors.Join(err, p.closeDead())
	}
	return p, nil
}

// listen serves the metrics if the configuration wants it.
func (p *Pipeline) listen(cfg *config.Config) (err error) {
	if cfg.MetricsListen == "" {
		return nil
	}
	p.metrics, err = metrics.Listen(metrics.Options{
		Addr: cfg.MetricsListen, Page: p.writeMetrics, Ready: p.client.Ready, Pprof: cfg.Pprof, Log: p.log,
	})
	if err == nil {
		p.log.Info("metrics are served", "address", p.metrics.Addr(), "pprof", cfg.Pprof)
	}
	return err
}

func clientOptions(cfg *config.Config, dead *deadletter.Writer, log *slog.Logger) loki.Options {
	o := loki.Options{
		URL: cfg.URL, TenantID: cfg.TenantID,
		User: cfg.HTTPUser, Password: cfg.HTTPPasswd.Reveal(), PasswordFile: cfg.HTTPPasswdFile,
		BearerToken: cfg.BearerToken.Reveal(), BearerTokenFile: cfg.BearerTokenFile,
		TLS: loki.TLS{
			CAFile: cfg.TLSCAFile, CertFile: cfg.TLSCertFile, KeyFile: cfg.TLSKeyFile,
			ServerName: cfg.TLSServerName, InsecureSkipVerify: !cfg.TLSVerify,
		},
		Compress: cfg.Compress, BatchBytes: cfg.BatchBytes, Timeout: cfg.RequestTimeout,
		DeadLetter: dead, Log: log, Version: buildinfo.Version,
	}
	for _, h := range cfg.Headers {
		o.Headers = append(o.Headers, entry.Pair{Name: h.Name, Value: h.Value.Reveal()})
	}
	return o
}

// Flush delivers a chunk. It returns when Loki has answered for every entry,
// at the latest when flush_timeout is over or ctx ends. chunk must not change
// meanwhile and is not kept.
func (p *Pipeline) Flush(ctx context.Context, tag string, data []byte) Result {
	r, _ := p.deliver(ctx, p.transform, tag, data, nil)
	return r
}

// deliver is Flush with a transform; want, if not nil, chooses the entries.
func (p *Pipeline) deliver(ctx context.Context, t *transform.Transform, tag string, data []byte, want func(*entry.Entry) bool) (Result, loki.Result) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	b := p.batches.Get().(*loki.Batch)
	b.Reset()
	emit := b.Add
	if want != nil {
		emit = func(e *entry.Entry) {
			if want(e) {
				b.Add(e)
			}
		}
	}
	run := t.Begin(tag, data, emit)
	rest, damage := p.read(run, data)
	result := Retry
	// Also if the push panics: what the chunk took from memory must be kept for
	// when it comes again. A panic before leaves memory as it was.
	defer func() {
		run.Close(result == OK)
		p.stats.flushed(result, start)
	}()
	r := p.client.Push(ctx, b)
	if !r.Retry && p.keepRest(tag, rest, damage) {
		result = OK
	}
	p.batches.Put(b)
	return result, r
}

// Push delivers entries that were transformed before, as those of a dead-letter
// file. It returns like Flush; a batch that must come again comes as it is.
func (p *Pipeline) Push(ctx context.Context, b *loki.Batch) loki.Result {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	start := time.Now()
	r := p.client.Push(ctx, b)
	result := OK
	if r.Retry {
		result = Retry
	}
	p.stats.flushed(result, start)
	return r
}

// read transforms the records of a chunk. Of a damaged one it returns the
// bytes from the damage on.
func (p *Pipeline) read(run *transform.Run, data []byte) (rest []byte, damage error) {
	var rd chunk.Reader
	rd.Reset(data)
	run.AddAll(&rd)
	if n := rd.Odd(); n > 0 && !p.odd.Swap(true) {
		p.log.Warn("records of an unusual form were delivered as far as they could be read; further ones are not logged", "records", n)
	}
	if rd.Err() == nil {
		return nil, nil
	}
	return rd.Rest(), rd.Err()
}

// keepRest writes what could not be read of a chunk to the dead-letter file;
// it reports whether the chunk is done with.
func (p *Pipeline) keepRest(tag string, rest []byte, damage error) bool {
	if damage == nil {
		return true
	}
	if err := p.KeepChunk(tag, rest, damage.Error()); err != nil {
		p.log.Error("cannot keep the rest of a damaged chunk; it will be tried again", "error", err)
		return false
	}
	if n := p.damaged.Add(1); n == 1 {
		p.log.Error("a chunk is damaged; what came before the damage is delivered, the rest is in the dead-letter file; further ones are only counted",
			"tag", tag, "error", damage, "bytes", len(rest))
	}
	return true
}

// KeepChunk writes a chunk, or the rest of one, to the dead-letter file. After
// nil it is safe. With the file turned off it is lost, and said to be.
func (p *Pipeline) KeepChunk(tag string, data []byte, reason string) error {
	if p.dead == nil {
		p.stats.lostChunks.Add(1)
		p.log.Error("bytes of a chunk are lost: dead_letter_path is off", "tag", tag, "bytes", len(data), "reason", reason)
		return nil
	}
	err := p.dead.Append(deadletter.Record{Kind: deadletter.KindChunk, Reason: damagedChunk, Detail: reason, Tag: tag, Raw: data})
	if err != nil {
		return fmt.Errorf("keeping %d bytes of a chunk: %w", len(data), err)
	}
	p.stats.keptChunks.Add(1)
	return nil
}

// Stats returns the counters of the stages, which go on counting.
func (p *Pipeline) Stats() (*transform.Stats, *loki.Stats) {
	return p.transform.Stats(), p.client.Stats()
}

// Close closes the listener, connections and the dead-letter file. No Flush may
// run then.
func (p *Pipeline) Close(context.Context) error {
	var err error
	if p.metrics != nil {
		err = p.metrics.Close()
	}
	p.client.Close()
	return errors.Join(err, p.closeDead())
}

func (p *Pipeline) closeDead() error {
	if p.dead == nil {
		return nil
	}
	return p.dead.Close()
}
