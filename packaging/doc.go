// Package packaging makes the packages of a release: build.sh builds them, with
// nfpm as a tool of this module, and its tests install them. The module is its
// own so that none of this is in the go.mod of the plugin.
package packaging
