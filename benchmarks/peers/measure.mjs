// Measures one peer in a process of its own, and prints what it found as JSON:
//
//   node measure.mjs ADAPTER FILE WORKERS REPETITIONS MS WARM_UP_MS

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const [adapter, file, ...numbers] = process.argv.slice(2);
const [workers, repetitions, ms, warmUpMs] = numbers.map(Number);

async function startWorker(index) {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url),
    { workerData: { adapter, file, index, workers } });
  // Rejects when the worker throws.
  await once(worker, 'message');
  return worker;
}

/** Lets all workers run for so long; gives jobs per second. */
async function repeat(pool, length) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const answers = pool.map((worker) => once(worker, 'message'));
  for (const worker of pool)
    worker.postMessage(length);
  const counts = (await Promise.all(answers)).map(([count]) => count);
  const jobs = counts.reduce((x, y) => x + y, 0);
  const { user, system } = process.cpuUsage(cpu);
  return {
    jobs_per_s: jobs / (performance.now() - start) * 1000,
    cpu_us: (user + system) / jobs,
  };
}

const pool = await Promise.all(
  Array.from({ length: workers }, (_, index) => startWorker(index)));
await repeat(pool, warmUpMs);
const measured = [];
for (let i = 0; i < repetitions; ++i)
  measured.push(await repeat(pool, ms));
const peak_kib = process.resourceUsage().maxRSS;
console.log(JSON.stringify({ measured, peak_kib }));
process.exit(0);
