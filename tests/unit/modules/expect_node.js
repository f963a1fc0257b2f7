// Fills cases/node.txt with what Node prints: node expect_node.js
// Each case is run in a folder of its own, which is shown as `/`, as scripts see
// their worktree. A case with a step `-- ours WHY` differs on purpose, and keeps
// its text.
const { execFileSync } = require('node:child_process');
const {
  mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync,
} = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');

const table = join(__dirname, 'cases', 'node.txt');

function printed(steps) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'case-')));
  let text = '';
  for (const step of steps) {
    const [head, ...body] = step.split('\n');
    const [, verb, path] = /^-- (\S+) ?(.*)/.exec(head);
    if (verb !== 'file' && verb !== 'run')
      continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), body.join('\n'));
    if (verb === 'run')
      text += execFileSync(process.execPath, ['--no-warnings', path],
        { cwd: folder, encoding: 'utf8' });
  }
  rmSync(folder, { recursive: true });
  return text.replaceAll(`${folder}/`, '/').replaceAll(folder, '/');
}

function filled(block) {
  const [name, ...steps] = block.trimEnd().split(/\n(?=-- )/);
  if (steps.some((step) => step.startsWith('-- ours ')))
    return `${block.trimEnd()}\n`;
  const kept = steps.filter((step) => !step.startsWith('-- prints'))
    .map((step) => `${step}\n`);
  return `${name}\n${kept.join('')}-- prints\n${printed(kept)}`;
}

const blocks = readFileSync(table, 'utf8').split(/^(?=== )/m);
writeFileSync(table, blocks.map(filled).join('\n'));
