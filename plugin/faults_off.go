//go:build !zimbraloki_faults

package main

// withFaults returns f; see faults_on.go.
func withFaults(f flusher) flusher { return f }

// withFilterFaults returns c; see faults_on.go.
func withFilterFaults(c chunkFilter) chunkFilter { return c }
