#!/usr/bin/env node
// A gateway in Node that handles its own signals, and records of its life what `gatewayctl run` would:
//
//     command: [node, /opt/app/gateway.js]
//
// Behind `gatewayctl run` nothing of this is needed: a handler of SIGTERM that finishes the work, and exit code 0.
'use strict';
const { spawnSync } = require('node:child_process');

// A gateway without gatewayctl is still one: what cannot be recorded is said.
function gatewayctl(...words) {
  const done = spawnSync('gatewayctl', [...words, '--pid', String(process.pid)], { encoding: 'utf8' });
  if (done.error) console.error(`gateway: ${done.error.message}`);
  return done;
}

let stopping = false;
function stop() {
  if (stopping) return; // a second signal changes nothing
  stopping = true;
  gatewayctl('state', 'set', 'draining'); // before anything else: SIGKILL may come at any time
  // Somebody has asked for it: it stays down. Else it is the stop of the container, or a bare kill: it comes back.
  const cause = gatewayctl('marker', 'consume').status === 0 ? 'planned-stop' : 'unmarked-signal';
  // ... finish what is under way ...
  clearInterval(work);
  const code = parseInt(gatewayctl('state', 'end', cause).stdout, 10);
  process.exit(Number.isNaN(code) ? 1 : code);
}

gatewayctl('state', 'set', 'starting');
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// ... open what it needs ...
gatewayctl('state', 'set', 'running');
const work = setInterval(() => { /* ... one piece of its work ... */ }, 1000);
