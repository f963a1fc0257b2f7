// Writes a job file:
//
//   node generate.mjs COUNT FILE

import { closeSync, openSync, writeSync } from 'node:fs';

import { jobLines } from './workload.mjs';

const [count, name] = process.argv.slice(2);
if (!/^[1-9]\d*$/.test(count ?? '') || name === undefined) {
  console.error('usage: node generate.mjs COUNT FILE');
  process.exit(2);
}
const file = openSync(name, 'w');
for (const line of jobLines(Number(count)))
  writeSync(file, line + '\n');
closeSync(file);
