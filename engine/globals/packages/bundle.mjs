// Joins npm packages into the texts that are compiled in.
//
//   node bundle.mjs FOLDER OUTPUT_JS OUTPUT_CPP
//
// FOLDER has the packages in its node_modules. OUTPUT_JS becomes one of the
// files of the globals: a function that adds `packages`, which loads those that
// every image has. OUTPUT_CPP is the table of `builtin_modules.hpp`: the texts of
// the modules that are loaded when a script asks for them.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, outputJs, outputCpp] = process.argv.slice(2);
const own = dirname(fileURLToPath(import.meta.url));
const root = join(resolve(folder), 'index.js');

// What the packages require of others, and what they get instead.
const replaced = new Map([
  ['tr46', join(own, 'tr46.js')],
  ['util', null],
  ['util/', null],
  ['qs', null],
  ['punycode/', 'punycode/punycode.js'],
  ['call-bind', join(own, 'shims.js')],
  ['call-bind/callBound', join(own, 'shims.js')],
  ['object.assign/polyfill', join(own, 'shims.js')],
  ['object-is/polyfill', join(own, 'shims.js')],
  ['is-nan/polyfill', join(own, 'shims.js')],
]);
// Those that the module's own `require` gives.
const outer = new Map([['util', 'util'], ['util/', 'util'],
  ['qs', 'querystring'], ['assert', 'assert']]);

// What is said in another way, as Node says it.
const changes = new Map([
  ['whatwg-url/lib/URL-impl.js', [
    ['throw new TypeError(`Invalid base URL: ${base}`)',
      'throw invalidUrl(url, base)'],
    ['throw new TypeError(`Invalid URL: ${url}`)',
      'throw invalidUrl(url, base)'],
  ]],
  ['url/url.js', [
    [`querystring.stringify(this.query, {
      arrayFormat: 'repeat',
      addQueryPrefix: false
    })`, 'querystring.stringify(this.query)'],
  ]],
]);

// Errors of these get the codes that Node's have.
const coded = new Set(['buffer/index.js', 'events/events.js',
  'path-browserify/index.js', 'url/url.js']);
const withCodes = (text) => text.replace(
  /throw new (TypeError|RangeError)\((?!['"]Unknown encoding)/g,
  'throw coded$1(');
const errorMakers = `
const codedTypeError = (text) =>
  codedError(TypeError, 'ERR_INVALID_ARG_TYPE', text);
const codedRangeError = (text) =>
  codedError(RangeError, 'ERR_OUT_OF_RANGE', text);
`;

// Which export of shims.js stands for a package.
const shimOf = (name) => `.${name.replace(/[^a-z]+(.)/gi,
  (_, letter) => letter.toUpperCase())}`;

// The text of a function `load(name)` over all modules that `entries` need.
function bundle(entries) {
  const ids = new Map();
  const bodies = [];
  function add(file) {
    const known = ids.get(file);
    if (known !== undefined)
      return known;
    const id = ids.size;
    ids.set(file, id);
    let text = readFileSync(file, 'utf8');
    const from = createRequire(file);
    const inside = file.slice(file.lastIndexOf('/node_modules/') + 14);
    const changed = changes.get(inside) ?? [];
    for (const [before] of changed)
      if (!text.includes(before))
        throw new Error(`${file} is not what it was: "${before}" is missing`);
    text = changed.reduce((result, [before, after]) =>
      result.replace(before, after), coded.has(inside) ? withCodes(text) : text);
    const body = file.endsWith('.json') ? `module.exports = ${text.trim()};`
      : text.replace(/\brequire\((['"])([^'"]+)\1\)/g, (call, quote, name) => {
        if (outer.has(name))
          return `require('${outer.get(name)}')`;
        const target = replaced.get(name);
        if (target === undefined)
          return `load(${add(from.resolve(name))})`;
        const path = target.startsWith('/') ? target : from.resolve(target);
        return `load(${add(path)})${path.endsWith('shims.js') ? shimOf(name) : ''}`;
      });
    bodies[id] = `function (exports, module, load) {${body}\n}`;
    return id;
  }
  const from = createRequire(root);
  const wanted = Object.entries(entries).map(([name, request]) =>
    `${JSON.stringify(name)}: ${add(request.startsWith('/') ? request
      : from.resolve(request))}`);
  return `(function () {
  const bodies = [${bodies.join(',\n')}];
  const ids = {${wanted.join(', ')}};
  const loaded = [];
  function load(id) {
    if (loaded[id] !== undefined)
      return loaded[id].exports;
    const module = loaded[id] = { exports: {} };
    bodies[id].call(module.exports, module.exports, module, load);
    return module.exports;
  }
  return (name) => load(ids[name]);
})()`;
}

// What every image has.
const preloaded = bundle({
  buffer: 'buffer/', 'whatwg-url': 'whatwg-url',
});
writeFileSync(outputJs, `(function (all) {
  const { loadSource, invalidUrl, codedError } = all;${errorMakers}
  return Object.assign(all, { packages: ${preloaded} });
})
`);

// What they ask of the process.
const surroundings = 'cwd: () => \'/\', env: {}, stderr: {}, emitWarning() {}';
const shared = 'globalThis[Symbol.for(\'vm-system.modules\')]';
const alone = (name, request, after = '') =>
  `const process = { ${surroundings} };
const { codedError } = ${shared}['internal/host'];${errorMakers}
module.exports = ${bundle({ [name]: request })}('${name}');\n${after}`;
const texts = {
  assert: alone('assert', 'assert/'),
  'assert/strict': 'module.exports = require(\'assert\').strict;',
  crypto: readFileSync(join(own, 'crypto.js'), 'utf8'),
  events: alone('events', 'events/'),
  path: alone('path', 'path-browserify'),
  'path/posix': 'module.exports = require(\'path\').posix;',
  querystring: alone('querystring', join(own, 'querystring.js')),
  url: alone('url', 'url/', readFileSync(join(own, 'url.js'), 'utf8')),
  'internal/tr46': alone('tr46', 'tr46'),
};
for (const name of ['buffer', 'timers', 'timers/promises', 'util',
  'util/types'])
  texts[name] = `module.exports = ${shared}['${name}'];`;

const mark = 'vmsystem';
// A compiler need not take longer literals than this.
const pieces = (text) => text.match(/[^]{1,8000}/g)
  .map((piece) => `R"${mark}(${piece})${mark}"`).join('\n    ');
const names = Object.keys(texts).sort();
for (const text of Object.values(texts))
  if (text.includes(`)${mark}"`))
    throw new Error('the mark of the literals stands in a text');
writeFileSync(outputCpp, `#include "vmsystem/engine/builtin_modules.hpp"

#include <array>
#include <utility>

namespace vmsystem::engine {

namespace {

using entry = std::pair<std::string_view, std::string_view>;

const std::array<entry, ${names.length}> table{{
${names.map((name) => `  {"${name}",
   {${pieces(texts[name])},
    ${Buffer.byteLength(texts[name])}}},`).join('\n')}
}};

} // namespace

std::string_view builtin_module_source(std::string_view name) noexcept {
  for (const auto& [known, text] : table)
    if (known == name)
      return text;
  return {};
}

const std::vector<std::string_view>& builtin_module_names() {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (const auto& [name, text] : table)
      all.push_back(name);
    return all;
  }();
  return names;
}

} // namespace vmsystem::engine
`);
