package envelope

import "testing"

func TestServiceName(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := ServiceName(in); got != want {
			t.Errorf("ServiceName(%q) = %q, want %q", in, got, want)
		}
	}
	f("/planr_ru-main-1", "main")
	f("planr_ru-main-12", "main")
	f("shop-web-api-1", "web-api")
	f("shop_web_1", "web")
	f("shop_web_api_1", "web_api")
	f("web-1", "web")
	f("nginx", "nginx")
	f("/my-nginx", "my-nginx") // a name that somebody gave
	f("shop_web.1.q8w7e6r5t4y3u2i1o0p9a8s7d", "web")
	f("web.1.q8w7e6r5t4y3u2i1o0p9a8s7d", "web")
	f("host.example", "host.example")
	f("host.1", "host.1")
	f("", "")
	f("/", "")
	f("1", "1")
	f("-1", "-1")
	f("a-", "a-")
	f("a-1", "a")
	f("-a-1", "a")
	f("v2", "v2")
}

func TestFromPath(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	f := func(path, pod, namespace, container, containerID string) {
		t.Helper()
		p := Payload{Path: path}
		p.fromPath()
		if p.Pod != pod || p.Namespace != namespace || p.Container != container || p.ContainerID != containerID {
			t.Errorf("fromPath(%q) = pod %q namespace %q container %q id %q", path, p.Pod, p.Namespace, p.Container, p.ContainerID)
		}
	}
	f("/var/lib/docker/containers/"+id+"/"+id+"-json.log", "", "", "", id)
	f("/data/"+id[:12]+"-json.log", "", "", "", "")
	f("/var/log/containers/api-6d5f8_shop_web-"+id+".log", "api-6d5f8", "shop", "web", id)
	f("/var/log/containers/api_shop_web-with-dash-"+id+".log", "api", "shop", "web-with-dash", id)
	f("/var/log/containers/api_shop.log", "", "", "", "")
	f("/var/log/containers/api_shop_web.log", "", "", "", "")
	f("/var/log/pods/shop_api-6d5f8_1b9c/web/0.log", "api-6d5f8", "shop", "web", "")
	f("/var/log/pods/shop_api-6d5f8/web/0.log", "", "", "", "")
	f("/var/log/pods/shop_api_1b9c/0.log", "", "", "", "")
	f("/var/log/pods/shop_api_1b9c/a/b/0.log", "", "", "", "")
	f("/opt/zimbra/log/mailbox.log", "", "", "", "")
	f("mailbox.log", "", "", "", "")
	f(".log", "", "", "", "")
	f("/", "", "", "", "")
	f("", "", "", "", "")

	// What the envelope said stays.
	p := Payload{Path: "/var/log/pods/shop_api_1b9c/web/0.log", Pod: "x", Container: "y"}
	p.fromPath()
	if p.Pod != "x" || p.Container != "y" || p.Namespace != "shop" {
		t.Errorf("fromPath replaced what was known: %+v", p)
	}
}

func TestIsContainerName(t *testing.T) {
	f := func(in string, want bool) {
		t.Helper()
		if got := isContainerName(in); got != want {
			t.Errorf("isContainerName(%q) = %v", in, got)
		}
	}
	f("/shop-web-1", true)
	f("web", true)
	f("0123456789ab", false)
	f("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false)
	f("nginx:1.27", false)
	f("registry.example.org/web", false)
	f("a b", false)
	f("-web", false)
	f(".web", false)
	f("_web", false)
	f("w", false)
	f("", false)
}
