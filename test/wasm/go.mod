module github.com/zimbraloki/zimbraloki/test/wasm

go 1.26

replace github.com/zimbraloki/zimbraloki => ../../

require (
	github.com/tetratelabs/wazero v1.12.0
	github.com/zimbraloki/zimbraloki v0.0.0-00010101000000-000000000000
)

require (
	github.com/goccy/go-yaml v1.19.2 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/modern-go/concurrent v0.0.0-20180306012644-bacd9c7ef1dd // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
