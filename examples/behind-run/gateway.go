// A gateway in Go behind `gatewayctl run`:
//
//	go build -o /opt/app/gateway gateway.go
//	command: [gatewayctl, run, --, /opt/app/gateway]
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	stopping, end := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer end()
	profile, port := os.Getenv("GATEWAYCTL_PROFILE"), os.Getenv("GATEWAYCTL_PORT")
	fmt.Printf("%s: works, on port %s\n", profile, port)
	work := time.NewTicker(time.Second)
	for stopping.Err() == nil {
		select {
		case <-work.C: // ... one piece of its work ...
		case <-stopping.Done():
		}
	}
	// ... finish what is under way, within drain_timeout ...
	fmt.Printf("%s: finished\n", profile)
}
