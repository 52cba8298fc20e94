module github.com/zimbraloki/zimbraloki/test/wasm

go 1.26

replace github.com/zimbraloki/zimbraloki => ../../

require github.com/tetratelabs/wazero v1.12.0

require golang.org/x/sys v0.44.0 // indirect
