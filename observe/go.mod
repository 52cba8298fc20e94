module github.com/zimbraloki/zimbraloki/observe

go 1.26

require (
	github.com/grafana/grafana-foundation-sdk/go v0.0.18
	go.yaml.in/yaml/v3 v3.0.4
)

replace github.com/zimbraloki/zimbraloki => ../
