// One of several threads, each of which runs its share of the jobs again and
// again, for as long as it is told.

import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import { check, readJobs } from './workload.mjs';

const { adapter, file, index, workers } = workerData;

const jobs = readJobs(readFileSync(file, 'utf8'))
  .filter((_, i) => i % workers === index);

const { start } = await import(new URL(`./adapters/${adapter}.mjs`,
  import.meta.url));
const peer = await start();

/** Runs jobs, in turn, until the time is over. */
function runFor(ms) {
  const end = performance.now() + ms;
  let done = 0;
  while (performance.now() < end) {
    const job = jobs[done % jobs.length];
    check(job, peer.run(job));
    ++done;
  }
  return done;
}

parentPort.on('message', (ms) => {
  parentPort.postMessage(runFor(ms));
});
parentPort.postMessage('ready');
