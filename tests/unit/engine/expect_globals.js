// Fills globals_cases.txt with what Node prints: node expect_globals.js
// The file has a line `>>> code` for each case and, below it, the expected text;
// the code is the body of an async function that prints with `print`. Where we
// differ from Node on purpose, the line begins with `>>> /* ours */` and keeps
// its text.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const util = require('node:util');

const file = join(__dirname, 'globals_cases.txt');
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const AsyncFunction = (async () => {}).constructor;

async function printed(code) {
  let text = '';
  const print = (...values) => {
    text += `${util.format(...values)}\n`;
  };
  await new AsyncFunction('print', 'sleep', 'util', 'require', code)(print,
    sleep, util, require);
  return text;
}

async function main() {
  const blocks = readFileSync(file, 'utf8').split(/^(?=>>> )/m);
  const filled = [];
  for (const block of blocks) {
    const [line] = block.split('\n', 1);
    filled.push(line.startsWith('>>> /* ours */') ? block
      : `${line}\n${await printed(line.slice(4))}`);
  }
  writeFileSync(file, filled.join(''));
}

main();
