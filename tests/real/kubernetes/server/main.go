// A kube-apiserver with an etcd of its own, for tests: on loopback, and gone when its standard input is.
//
//	server FOLDER [flags of kube-apiserver]
//
// With a token in $NODES_TOKEN, of one who may do everything, pods are taken care of (package nodes), and controllers run.
//
// A line of its standard input is a text: the answer of etcd to the request that has it is lost, as soon as what it asks for is
// stored. The line comes back as an answer. With "stall " before it the connection stays as well, and is silent.
//
// It prints one line of JSON when it is ready: {"address": "127.0.0.1:40123"}. etcd's files and its log go
// into FOLDER; the API server logs to standard error.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/embed"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

const patience = 2 * time.Minute

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string, flags []string) error {
	etcd, err := startEtcd(folder)
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	wire := &between{etcd: etcd}
	ending := &ending{}
	go func() {
		wire.obey(os.Stdin)
		ending.end()
	}()
	address, err := wire.start()
	if err != nil {
		return err
	}
	server, completed, err := complete(address, listener, flags)
	if err != nil {
		return err
	}
	go func() {
		address := listener.Addr().String()
		waitFor(address)
		if token := os.Getenv("NODES_TOKEN"); token != "" {
			stop, err := startNodes(map[string]string{
				"address": address, "token": token, "folder": folder,
				"ca":     server.Authentication.ClientCert.ClientCA,
				"server": server.SecureServing.ServerCert.CertKey.CertFile,
			})
			if err != nil {
				fmt.Fprintln(os.Stderr, "nodes:", err)
				os.Exit(1)
			}
			ending.then(stop)
		}
		announce(etcd, address)
	}()
	return app.Run(context.Background(), completed)
}

func startEtcd(folder string) (*embed.Etcd, error) {
	config := embed.NewConfig()
	config.Dir = filepath.Join(folder, "etcd")
	config.LogOutputs = []string{filepath.Join(folder, "etcd.log")}
	config.UnsafeNoFsync = true // Nothing here outlives its test.
	anywhere := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config.ListenClientUrls, config.AdvertiseClientUrls = anywhere, anywhere
	config.ListenPeerUrls, config.AdvertisePeerUrls = anywhere, anywhere
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case <-time.After(patience):
		return nil, fmt.Errorf("not ready after %s", patience)
	}
}

func complete(
	etcd string, listener net.Listener, flags []string,
) (*options.ServerRunOptions, options.CompletedOptions, error) {
	none := options.CompletedOptions{}
	server := options.NewServerRunOptions()
	known := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, flags := range server.Flags().FlagSets {
		known.AddFlagSet(flags)
	}
	if err := known.Parse(flags); err != nil {
		return nil, none, err
	}
	server.Etcd.StorageConfig.Transport.ServerList = []string{"http://" + etcd}
	server.SecureServing.Listener = listener
	server.SecureServing.BindAddress = net.IPv4(127, 0, 0, 1)
	server.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	server.EndpointReconcilerType = "none" // The Service of the API server would need another address.
	registry := server.GenericServerRunOptions.ComponentGlobalsRegistry
	if err := registry.Set(); err != nil {
		return nil, none, err
	}
	if err := logsapi.ValidateAndApply(server.Logs, utilfeature.DefaultFeatureGate); err != nil {
		return nil, none, err
	}
	completed, err := server.Complete(context.Background())
	if err != nil {
		return nil, none, err
	}
	return server, completed, utilerrors.NewAggregate(completed.Validate())
}

// An ending ends this program, once what is to be ended before it has.
type ending struct {
	mutex sync.Mutex
	stop  func()
}

func (e *ending) then(stop func()) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.stop = stop
}

func (e *ending) end() {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.stop != nil {
		e.stop()
	}
	os.Exit(0)
}

// announce prints the address.
//
// What was stored until then is compacted: a list that is to continue from there is refused, as it is by a
// server that has run for longer than five minutes.
func announce(etcd *embed.Etcd, address string) {
	past := &etcdserverpb.CompactionRequest{Revision: etcd.Server.KV().Rev(), Physical: true}
	if _, err := etcd.Server.Compact(context.Background(), past); err != nil {
		fmt.Fprintln(os.Stderr, "etcd:", err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"address": address})
}

// waitFor comes back as soon as the server is ready.
func waitFor(address string) {
	client := http.Client{
		Timeout:   patience,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}
	for !isReady(&client, address) {
		time.Sleep(50 * time.Millisecond)
	}
}

func isReady(client *http.Client, address string) bool {
	answer, err := client.Get("https://" + address + "/readyz")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
