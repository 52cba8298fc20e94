//go:build race

package recordfilter

const race = true
