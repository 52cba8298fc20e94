package lokirun

import (
	"maps"
	"net"
	"strconv"
)

// loopback is the only address that anything here binds or dials.
const loopback = "127.0.0.1"

// tree is a YAML mapping. Values are trees, slices, strings, numbers and booleans.
type tree = map[string]any

// config is the complete configuration for o: the defaults, then o.Limits, then o.Config.
// Ports are TCP ports of the loopback address; dir is absolute.
func config(o Options, dir string, httpPort, grpcPort int) tree {
	c := defaultConfig(dir, httpPort, grpcPort)
	c["auth_enabled"] = o.Tenant != ""
	merge(c, tree{"limits_config": o.Limits})
	merge(c, o.Config)
	return c
}

// defaultConfig is a single-binary Loki on loopback that stores under dir.
// Keys are those of Loki v3.7's configuration reference; what is not set has Loki's own default.
func defaultConfig(dir string, httpPort, grpcPort int) tree {
	return tree{
		"target":    "all",
		"analytics": tree{"reporting_enabled": false},
		"server":    serverConfig(httpPort, grpcPort),
		"common": tree{
			"instance_addr":      loopback,
			"path_prefix":        dir,
			"replication_factor": 1,
			"ring":               tree{"instance_addr": loopback, "kvstore": tree{"store": "inmemory"}},
		},
		// No ring uses memberlist. Should one do so all the same, it stays on loopback.
		"memberlist": tree{"bind_addr": []any{loopback}, "bind_port": 0},
		"schema_config": tree{"configs": []any{tree{
			"from": "2020-01-01", "store": "tsdb", "object_store": "filesystem", "schema": "v13",
			"index": tree{"prefix": "index_", "period": "24h"},
		}}},
		// Not common.storage, which would give the ruler rules to run and so start it.
		"storage_config":   tree{"filesystem": tree{"directory": dir + "/chunks"}},
		"ingester":         ingesterConfig(),
		"pattern_ingester": tree{"enabled": false},
		// 0 = ask the ingester whatever the age: an entry years old is in its memory until the chunk is flushed.
		"querier":     tree{"query_ingesters_within": "0s"},
		"query_range": tree{"cache_results": false, "max_retries": 1},
		// Without an address the querier looks for schedulers in a ring that it reads only every 10 s, and Loki is not
		// ready before.
		"frontend_worker": tree{
			"frontend_address":   net.JoinHostPort(loopback, strconv.Itoa(grpcPort)),
			"grpc_client_config": tree{"max_send_msg_size": maxMessage},
		},
		"ingester_client": tree{"grpc_client_config": tree{"max_send_msg_size": maxPush}},
		"limits_config":   defaultLimits(),
	}
}

// Sizes in bytes.
const (
	// maxMessage (1 GiB) bounds what Loki's parts send each other, above all the answer to one query. Loki's default
	// of 4 MiB is less than 5,000 lines of 1 KB.
	maxMessage = 1 << 30
	// maxPush (4 MiB) bounds one push, uncompressed, between distributor and ingester: that a larger one is refused
	// with status 500 is how a Loki with default settings behaves, and tests should meet it.
	maxPush = 4 << 20
)

func serverConfig(httpPort, grpcPort int) tree {
	return tree{
		"http_listen_address": loopback, "http_listen_port": httpPort,
		"grpc_listen_address": loopback, "grpc_listen_port": grpcPort,
		"grpc_server_max_recv_msg_size": maxMessage,
		"grpc_server_max_send_msg_size": maxMessage,
		"http_server_read_timeout":      "5m",
		"http_server_write_timeout":     "5m",
		"graceful_shutdown_timeout":     "5s",
		"log_level":                     "warn",
	}
}

// ingesterConfig makes the ingester ready at once and durable: a write-ahead log against SIGKILL, a flush on SIGTERM.
func ingesterConfig() tree {
	return tree{
		"lifecycler": tree{
			"address": loopback, "join_after": "0s", "min_ready_duration": "0s", "final_sleep": "0s", "num_tokens": 1,
		},
		// -1 = whatever the age. An entry is in the ingester's memory until its chunk is flushed, also if it is years
		// old; with target "all" the default would have queries look there only for the last 2 h 41 min.
		"query_store_max_look_back_period": "-1ns",
		"wal":                              tree{"enabled": true, "flush_on_shutdown": true, "checkpoint_duration": "1m"},
	}
}

// AsTheyCome are Limits of a Loki that adds nothing of its own to entries: neither service_name nor detected_level,
// nor the label __stream_shard__ to those of busy streams.
func AsTheyCome() map[string]any {
	return map[string]any{
		"discover_service_name": []any{}, "discover_log_levels": false, "shard_streams": map[string]any{"enabled": false},
	}
}

// defaultLimits lifts every limit that would refuse or shorten a test's data. 0 means no limit; MB and GB are
// Loki's, 2²⁰ and 2³⁰ bytes; rates are per second.
func defaultLimits() tree {
	return tree{
		"allow_structured_metadata":   true,
		"reject_old_samples":          false,
		"unordered_writes":            true,
		"ingestion_rate_mb":           512,
		"ingestion_burst_size_mb":     1024,
		"per_stream_rate_limit":       "512MB",
		"per_stream_rate_limit_burst": "1GB",
		"max_global_streams_per_user": 0,
		"max_entries_limit_per_query": 0,
		"max_query_series":            1 << 20,
		"max_query_length":            "0s",
		"max_query_lookback":          "0s",
		// 0 = one query is one piece of work. A range of years is split into thousands otherwise, each of which costs
		// milliseconds: 60,000 h took 70 s split by the hour and 0.1 s in one piece.
		"split_queries_by_interval":                "0s",
		"split_instant_metric_queries_by_interval": "0s",
		"query_timeout":                            "5m",
	}
}

// merge lays over on base, mapping by mapping; any other value replaces the one in base.
func merge(base, over tree) {
	for k, v := range over {
		b, ok1 := base[k].(tree)
		o, ok2 := v.(tree)
		if ok1 && ok2 {
			b = maps.Clone(b)
			merge(b, o)
			v = b
		}
		base[k] = v
	}
}
