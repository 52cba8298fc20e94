//go:build !race

package filter

const race = false
