// The jobs that all peers run: lines {"id","input","args"} of one file.

import { readFileSync } from 'node:fs';

const source = readFileSync(
  new URL('../jobs/filter_reduce.js', import.meta.url), 'utf8');

/** What the job with this seed results in, found without running its text. */
export function expectedResult(seed) {
  const sums = new Map();
  for (let k = 0; k < 20; ++k) {
    const v = (k * 7 + seed) % 13;
    if (v > 5)
      sums.set(v, (sums.get(v) ?? 0) + k + seed);
  }
  const fields = [...sums].sort(([x], [y]) => x - y)
    .map(([v, sum]) => `"${v}":${sum}`);
  return `{${fields.join(',')}}`;
}

/** The lines of a job file, `count` of them. */
export function* jobLines(count) {
  for (let i = 0; i < count; ++i)
    yield JSON.stringify(
      { id: String(i), input: source, args: { seed: i % 1000 } });
}

/** The jobs of a job file's text. */
export function readJobs(text) {
  return text.split('\n').filter((line) => line !== '').map((line) => {
    const { id, input, args } = JSON.parse(line);
    return { id, input, args };
  });
}

/** Throws unless this is what the job results in. */
export function check(job, result) {
  const expected = expectedResult(job.args.seed);
  if (result !== expected)
    throw new Error(`job ${job.id} gave ${result} instead of ${expected}`);
}
