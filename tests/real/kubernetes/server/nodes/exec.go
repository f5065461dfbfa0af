package nodes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

const idle = 4 * time.Hour // as long as a kubelet keeps a stream without data

// serve answers what the API server asks a kubelet, and returns the port. Only the API server's certificate is let in.
func serve(settings Settings, machines *machines) (int32, error) {
	certificate, err := tls.LoadX509KeyPair(settings.Server, settings.Server)
	if err != nil {
		return 0, err
	}
	authority, err := os.ReadFile(settings.CA)
	if err != nil {
		return 0, err
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(authority)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{certificate}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert,
	})
	if err != nil {
		return 0, err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/exec/{namespace}/{pod}/{container}", machines.exec)
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", machines.logs)
	go func() { _ = http.Serve(listener, routes) }()
	return int32(listener.Addr().(*net.TCPAddr).Port), nil
}

func (m *machines) container(request *http.Request) *container {
	if machine := m.of(request.PathValue("namespace") + "/" + request.PathValue("pod")); machine != nil {
		return machine.containers[request.PathValue("container")]
	}
	return nil
}

func (m *machines) logs(answer http.ResponseWriter, request *http.Request) {
	found := m.container(request)
	if found == nil {
		http.Error(answer, "container not found", http.StatusNotFound)
		return
	}
	http.ServeFile(answer, request, found.log())
}

func (m *machines) exec(answer http.ResponseWriter, request *http.Request) {
	found := m.container(request)
	if found == nil {
		name := request.PathValue("container")
		http.Error(answer, fmt.Sprintf("container not found (%q)", name), http.StatusInternalServerError)
		return
	}
	if !found.isRunning() {
		http.Error(answer, "container is in CONTAINER_EXITED state", http.StatusInternalServerError)
		return
	}
	options, err := remotecommand.NewOptions(request)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(
		answer, request, found, request.PathValue("pod"), string(found.machine.uid), found.name,
		request.URL.Query()["command"], options, idle, remotecommand.DefaultStreamCreationTimeout,
		remotecommand.SupportedStreamingProtocols,
	)
}

// ExecInContainer runs a command; the error of one that has ended otherwise than with 0 has its exit code. The words of errors
// are containerd's (https://github.com/containerd/containerd/blob/main/internal/cri/server/streaming.go). It goes on where the
// stream is cut, as it does there.
func (c *container) ExecInContainer(
	_ context.Context, _, _, _ string, command []string, in io.Reader, out, err io.WriteCloser,
	_ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration,
) error {
	process, failure := c.process(command)
	if failure != nil {
		return fmt.Errorf("failed to exec in container: %w", failure)
	}
	if in != nil {
		// Not as its Stdin: its end would be waited for.
		pipe, failure := process.StdinPipe()
		if failure != nil {
			return failure
		}
		go func() {
			_, _ = io.Copy(pipe, in)
			_ = pipe.Close()
		}()
	}
	// No typed nil: it would be written to.
	if out != nil {
		process.Stdout = out
	}
	if err != nil {
		process.Stderr = err
	}
	if failure := process.Run(); failure != nil {
		if _, ended := failure.(*exec.ExitError); !ended {
			return fmt.Errorf("failed to exec in container: %w", failure)
		}
		code := exitCode(process.ProcessState)
		return utilexec.CodeExitError{
			Err: fmt.Errorf("error executing command %v, exit code %d", command, code), Code: code,
		}
	}
	return nil
}
