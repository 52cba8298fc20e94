//go:build !race

package recordfilter

const race = false
