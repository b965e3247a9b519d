#!/usr/bin/env node
// A gateway in Node behind `gatewayctl run`:
//
//     command: [gatewayctl, run, --, node, /opt/app/gateway.js]
'use strict';

const { GATEWAYCTL_PROFILE: profile, GATEWAYCTL_PORT: port } = process.env;
const work = setInterval(() => { /* ... one piece of its work ... */ }, 1000);
for (const name of ['SIGTERM', 'SIGINT']) {
  process.on(name, () => {
    clearInterval(work);
    // ... finish what is under way, within drain_timeout; with nothing left to do, Node ends with 0 ...
    console.log(`${profile}: finished`);
  });
}
console.log(`${profile}: works, on port ${port}`);
