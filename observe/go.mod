module github.com/zimbraloki/zimbraloki/observe

go 1.26

require (
	github.com/grafana/grafana-foundation-sdk/go v0.0.18
	github.com/zimbraloki/zimbraloki v0.0.0-00010101000000-000000000000
	go.yaml.in/yaml/v3 v3.0.4
)

require (
	github.com/VictoriaMetrics/easyproto v1.1.3 // indirect
	github.com/grafana/loki-client-go v0.0.0-20240913122146-e119d400c3a5 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/modern-go/concurrent v0.0.0-20180306012644-bacd9c7ef1dd // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
)

replace github.com/zimbraloki/zimbraloki => ../
