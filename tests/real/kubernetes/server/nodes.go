//go:build nodes

package main

import (
	"context"

	"kubernetes.test/server/nodes"
)

func startNodes(settings map[string]string) (func(), error) {
	return nodes.Start(context.Background(), nodes.Settings{
		Address: settings["address"], Token: settings["token"], Folder: settings["folder"],
		CA: settings["ca"], Server: settings["server"],
	})
}
