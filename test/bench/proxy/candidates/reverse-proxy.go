// A reverse proxy as Go's own library has it: hosts in a map, many idle connections to the upstream, nothing else.
package main

import (
	"bufio"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

// Arguments: address for HTTP, address for HTTPS, certificate, key, URL of the upstream, file with a host in each line.
func main() {
	plain, secure, certificate, key, upstream, hostsFile := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]
	target, err := url.Parse(upstream)
	if err != nil {
		log.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{MaxIdleConns: 4096, MaxIdleConnsPerHost: 4096, DisableCompression: true}

	file, err := os.Open(hostsFile)
	if err != nil {
		log.Fatal(err)
	}
	routes := map[string]http.Handler{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		routes[lines.Text()] = proxy
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		for i := len(host) - 1; i >= 0; i-- {
			if host[i] == ':' {
				host = host[:i]
				break
			}
		}
		if route, found := routes[host]; found {
			route.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	})
	go func() { log.Fatal(http.ListenAndServeTLS(secure, certificate, key, handler)) }()
	log.Fatal(http.ListenAndServe(plain, handler))
}
