// Fills console_cases.txt with what Node prints: node expect_console.js
// The file has a line `>>> code` for each case and, below it, the expected text.
const { Console } = require('node:console');
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Writable } = require('node:stream');
const { runInThisContext } = require('node:vm');

const file = join(__dirname, 'console_cases.txt');
let text = '';
const stream = new Writable({
  write(chunk, encoding, done) {
    text += chunk;
    done();
  },
});
globalThis.console = new Console({ stdout: stream, stderr: stream });

const cases = readFileSync(file, 'utf8').split('\n')
  .filter((line) => line.startsWith('>>> '));
const filled = cases.map((line) => {
  text = '';
  runInThisContext(`{ ${line.slice(4)} }`);
  return `${line}\n${text}`;
});
writeFileSync(file, filled.join(''));
