package main

import (
	"log/slog"
	"os"

	"github.com/fluent/fluent-bit-go/output"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/internal/flblog"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// open opens the pipeline of an instance. It logs to stderr, where Fluent Bit
// logs too.
func open(get func(key string) string, name string) (flusher, *slog.Logger, error) {
	cfg, err := config.Parse(get)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(flblog.NewHandler(os.Stderr, "output:"+pluginName+":"+name, cfg.LogVerbosity))
	for _, w := range cfg.Warnings {
		log.Warn(w)
	}
	p, err := pipeline.Open(cfg, log)
	if err != nil {
		return nil, nil, err
	}
	return withFaults(p), log, nil
}

// resultCode is Fluent Bit's code for a result. What is not delivered stays
// with Fluent Bit: FLB_ERROR, which drops a chunk, is the answer to no flush.
func resultCode(r pipeline.Result) int {
	if r == pipeline.OK {
		return output.FLB_OK
	}
	return output.FLB_RETRY
}
