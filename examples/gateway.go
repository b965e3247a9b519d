// A gateway in Go that handles its own signals, and records of its life what `gatewayctl run` would:
//
//	go build -o /opt/app/gateway gateway.go
//	command: [/opt/app/gateway]
//
// Behind `gatewayctl run` nothing of this is needed: a handler of SIGTERM that finishes the work, and exit code 0.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A gateway without gatewayctl is still one: what cannot be recorded is said.
func gatewayctl(words ...string) (string, error) {
	command := exec.Command("gatewayctl", append(words, "--pid", strconv.Itoa(os.Getpid()))...)
	command.Stderr = os.Stderr
	printed, err := command.Output()
	return strings.TrimSpace(string(printed)), err
}

func main() {
	stops := make(chan os.Signal, 1)
	signal.Notify(stops, syscall.SIGTERM, syscall.SIGINT)
	say := func(state string) {
		if _, err := gatewayctl("state", "set", state); err != nil {
			fmt.Fprintln(os.Stderr, "gateway:", err)
		}
	}
	say("starting")
	// ... open what it needs ...
	say("running")

	work := time.NewTicker(time.Second)
	for stopping := false; !stopping; {
		select {
		case <-work.C: // ... one piece of its work ...
		case <-stops:
			stopping = true
		}
	}

	say("draining")            // before anything else: SIGKILL may come at any time
	cause := "unmarked-signal" // the stop of the container, or a bare kill: it comes back
	if _, err := gatewayctl("marker", "consume"); err == nil {
		cause = "planned-stop" // somebody has asked for it: it stays down
	}
	// ... finish what is under way ...
	code := 1
	if printed, err := gatewayctl("state", "end", cause); err == nil {
		code, _ = strconv.Atoi(printed)
	}
	os.Exit(code)
}
