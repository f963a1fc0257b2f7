// Compares vm-system with what a user would pick instead, on the same jobs:
//
//   node run.mjs [--own FILE] [--json FILE] [--jobs FILE] [--workers N]
//     [--repetitions N] [--ms N] [--warm-up-ms N]
//
// FILE of --own is what `vm-system-bench --json` wrote on this machine with as
// many slots. Whatever cannot be measured is a row with the reason. Exits with 1 when a peer that
// can be used gave a wrong result or broke down.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { ownRow, peerRow, tableOf } from './table.mjs';
import { jobLines } from './workload.mjs';

/** isolated-vm asks for this from Node 20 on. */
const isolatedVmFlags = Number(process.versions.node.split('.')[0]) >= 20
  ? ['--no-node-snapshot'] : [];

const peers = [
  { name: 'node:vm', adapter: 'node-vm',
    settings: 'new context per job, script compiled once' },
  { name: 'isolated-vm, context', adapter: 'isolated-vm-context',
    package: 'isolated-vm', flags: isolatedVmFlags,
    settings: 'new context per job, one isolate per worker, compiled once' },
  { name: 'isolated-vm, isolate', adapter: 'isolated-vm-isolate',
    package: 'isolated-vm', flags: isolatedVmFlags,
    settings: 'new isolate per job, compiled from cached data' },
  { name: 'quickjs-emscripten', adapter: 'quickjs-emscripten',
    package: 'quickjs-emscripten',
    settings: 'new runtime and context per job, no compiled form' },
];

const { values: given } = parseArgs({ options: {
  'own': { type: 'string' },
  'json': { type: 'string' },
  'jobs': { type: 'string' },
  'workers': { type: 'string', default: String(os.cpus().length) },
  'repetitions': { type: 'string', default: '5' },
  'ms': { type: 'string', default: '1500' },
  'warm-up-ms': { type: 'string', default: '2000' },
} });

const require = createRequire(import.meta.url);

/** Why the peer's package cannot be used; undefined when it can be. */
function obstacle(peer) {
  if (peer.package === undefined)
    return undefined;
  try {
    require(peer.package);
  } catch (error) {
    return `not measured: ${error.message.split('\n')[0]}`;
  }
  return undefined;
}

function version(peer) {
  return peer.package === undefined ? `Node ${process.versions.node}`
    : require(join(peer.package, 'package.json')).version;
}

/** @returns the peer's row, with `failed` when it should have worked */
async function measure(peer, jobs) {
  const { name } = peer;
  const reason = obstacle(peer);
  if (reason !== undefined)
    return { name, reason };
  const settings = `${version(peer)}; ${peer.settings}`;
  const script = fileURLToPath(new URL('measure.mjs', import.meta.url));
  const numbers = ['workers', 'repetitions', 'ms', 'warm-up-ms']
    .map((x) => given[x]);
  try {
    const { stdout } = await promisify(execFile)(process.execPath,
      [...(peer.flags ?? []), script, peer.adapter, jobs, ...numbers]);
    return peerRow({ name, settings }, JSON.parse(stdout));
  } catch (error) {
    const lines = `${error.stderr ?? ''}${error.message}`.split('\n');
    const said = lines.find((line) => /^\w*Error: /.test(line)) ?? lines[0];
    return { name, reason: `failed: ${said}`, failed: true };
  }
}

const folder = mkdtempSync(join(os.tmpdir(), 'vm-system-peers-'));
try {
  const own = given.own === undefined
    ? undefined : JSON.parse(readFileSync(given.own, 'utf8'));
  let jobs = given.jobs;
  if (jobs === undefined) {
    jobs = join(folder, 'jobs.ndjson');
    writeFileSync(jobs, [...jobLines(2000)].join('\n') + '\n');
  }
  const rows = [ownRow(own)];
  for (const peer of peers) {
    process.stderr.write(`${peer.name} ...\n`);
    rows.push(await measure(peer, jobs));
  }
  console.log(`${given.workers} workers; the result of each job is read back `
    + 'and checked. The peers keep no record of a job.\n'
    + `Median and spread of ${given.repetitions} repetitions of ${given.ms} ms `
    + `after ${given['warm-up-ms']} ms of warm-up.\n`);
  process.stdout.write(tableOf(rows));
  if (given.json !== undefined)
    writeFileSync(given.json, JSON.stringify(rows, null, 2) + '\n');
  process.exitCode = rows.some((row) => row.failed) ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
