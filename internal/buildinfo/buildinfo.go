// Package buildinfo holds what the build says about itself.
package buildinfo

// Version is set by the linker (-X); "dev" in a build without it.
var Version = "dev"
