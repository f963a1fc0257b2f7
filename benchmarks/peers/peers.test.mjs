// node --test peers.test.mjs: needs no package.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';

import { start } from './adapters/node-vm.mjs';
import { median, ownFigure, ownRow, ownWorkload, peerRow, tableOf }
  from './table.mjs';
import { check, expectedResult, jobLines, readJobs } from './workload.mjs';

const run = {
  figures: [
    { workload: ownWorkload, name: 'session isolation, sync', unit: '1/s',
      median: 9, spread: 0 },
    { workload: ownWorkload, name: ownFigure, unit: '1/s', median: 30000,
      spread: 0.05 },
    { workload: ownWorkload, name: `${ownFigure}: CPU each`, unit: 'us',
      median: 60 },
    { workload: 'other', name: ownFigure, unit: '1/s', median: 1, spread: 0 },
  ],
};

test('a job file has one job a line, each with its own arguments', () => {
  const jobs = readJobs([...jobLines(3)].join('\n') + '\n');
  assert.deepEqual(jobs.map((x) => [x.id, x.args.seed]),
    [['0', 0], ['1', 1], ['2', 2]]);
  assert.equal(new Set(jobs.map((x) => x.input)).size, 1);
});

test('the expected result is what the job gives', () => {
  for (const job of readJobs([...jobLines(200)].join('\n'))) {
    const result = vm.runInNewContext(job.input, { __ARGS__: job.args });
    assert.equal(expectedResult(job.args.seed), result);
    check(job, result);
  }
});

test('a wrong result is refused', () => {
  const [job] = readJobs([...jobLines(1)][0]);
  assert.throws(() => check(job, '{}'), /job 0 gave {} instead of {"/);
  assert.throws(() => check(job, undefined));
});

test('a new context finds nothing of the job before', () => {
  const peer = start();
  const job = { input: 'globalThis.seen = typeof seen', args: {} };
  assert.equal(peer.run(job), 'undefined');
  assert.equal(peer.run(job), 'undefined');
});

test('the median is the middle, or the mean of the two', () => {
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([1, 2, 4, 100]), 3);
});

test('the own row is the fresh durable batch, or says that there is none',
  () => {
    const row = ownRow(run);
    assert.equal(row.rate, 30000);
    assert.equal(row.cpu_us, 60);
    for (const nothing of [undefined, {}, { figures: [] }]) {
      const missing = ownRow(nothing);
      assert.equal(missing.rate, undefined);
      assert.match(missing.reason, /^not measured: .*batch/);
    }
  });

test('the table has the ratio to each peer, and reasons instead of figures',
  () => {
    const peer = peerRow({ name: 'some peer', settings: 'fresh' }, {
      measured: [{ jobs_per_s: 1500, cpu_us: 1 }, { jobs_per_s: 1400, cpu_us: 3 },
        { jobs_per_s: 1600, cpu_us: 2 }],
      peak_kib: 2048 });
    const [head, own, measured, missing] = tableOf(
      [ownRow(run), peer, { name: 'another', reason: 'cannot be built' }])
      .split('\n');
    assert.match(head, /^what +jobs\/s +spread/);
    assert.match(own, /^vm-system +30,000 +5 % +60\.0 +- +1\.00 x /);
    assert.match(measured, /^some peer +1,500 +13 % +2\.0 +2 +20\.00 x +fresh$/);
    assert.match(missing, /^another +- +- +- +- +- +cannot be built$/);
  });

test('without a figure of vm-system there is no ratio', () => {
  const peer = peerRow({ name: 'peer', settings: 'fresh' },
    { measured: [{ jobs_per_s: 1, cpu_us: 1 }], peak_kib: 1024 });
  const [, own, measured] = tableOf([ownRow(undefined), peer]).split('\n');
  assert.match(own, /not measured/);
  assert.match(measured, / 1 +- +fresh$/);
});
