//go:build !nodes

package main

import "errors"

func startNodes(map[string]string) (func(), error) {
	return nil, errors.New("built without nodes: they are of the version of Kubernetes that go.mod names")
}
