// Package uploader holds the program that customers upload with, a shell script
// that needs curl alone: the original's options in both of its versions, exit
// codes that tell the truth, and uploads that are taken up again after a cut.
package uploader

import _ "embed"

// Script is the text of uploader.sh, for the server to hand out.
//
//go:embed uploader.sh
var Script []byte
