// Looks for what another job may have left, reports it, and then leaves all
// that it can. The value is "clean", or the names of what was found.
(() => {
  const found = [];
  const look = (name, left) => {
    let is_there = true;
    try {
      is_there = left();
    } catch (error) {
      is_there = `${name} threw ${error}`;
    }
    if (is_there)
      found.push(name);
  };
  const mark = '__intruder__';

  look('global', () => mark in globalThis);
  look('prototype of objects', () => mark in {});
  look('prototype of arrays', () => [][mark] !== undefined);
  look('prototype of functions', () => (() => 0)[mark] !== undefined);
  look('array method', () => [1, 2].map((x) => x).length !== 2);
  look('JSON', () => JSON.stringify({a: 1}) !== '{"a":1}');
  look('Math.random', () => Math.random() === 0.5);
  look('Date', () => Date.now() === 0);
  look('Promise', () => Promise.prototype.then[mark] !== undefined);
  look('console', () => console.log[mark] !== undefined);
  look('error hook', () => Error.prepareStackTrace !== undefined);
  look('frozen prototype', () => Object.isFrozen(String.prototype));
  look('symbol', () => Symbol.for(mark)[Symbol.for(mark)] !== undefined);
  look('lexical binding', () => {
    try {
      return (0, eval)('typeof intruder_binding') !== 'undefined';
    } catch {
      return true;
    }
  });
  look('host', () => typeof host !== 'undefined' && mark in host);
  look('getter', () => Object.getOwnPropertyDescriptor(
    globalThis, 'intruder_getter') !== undefined);
  look('late promise', () => globalThis.late_promise !== undefined);
  look('pending job', () => globalThis.pending_job !== undefined);
  look('generator', () => globalThis.half_run !== undefined);
  look('memory', () => globalThis.hoard !== undefined);
  look('arguments', () => __ARGS__.left !== undefined);
  look('environment', () => __ENV__.left !== undefined);
  look('iterator', () => [...[1]].length !== 1);
  look('module', () => require('path')[mark] !== undefined);
  look('module cache', () => mark in require.cache);
  look('late timer', () => globalThis.late_timer !== undefined);
  const n = __ARGS__.n;
  // The caller sees whether it is always the same number.
  const names = Object.getOwnPropertyNames(globalThis).length;
  globalThis[mark] = n;
  Object.prototype[mark] = n;
  Array.prototype[mark] = n;
  Function.prototype[mark] = n;
  Promise.prototype.then[mark] = n;
  console.log[mark] = n;
  console.log('an intruder was here');
  Error.prepareStackTrace = () => 'an intruder';
  Object(Symbol.for(mark)).constructor.prototype[Symbol.for(mark)] = n;
  (0, eval)('var intruder_binding = 1');
  Object.defineProperty(globalThis, 'intruder_getter', {
    get() {
      throw new Error('an intruder');
    },
  });
  globalThis.half_run = (function* () {
    yield 1;
  })();
  globalThis.half_run.next();
  globalThis.hoard = new Array(n % 50 === 0 ? 300000 : 1000).fill(mark);
  __ARGS__.left = n;
  __ENV__.left = n;
  Promise.resolve().then(() => {
    globalThis.pending_job = n;
    Promise.resolve().then(() => (globalThis.late_promise = n));
  });
  new Promise(() => {}).then(() => (globalThis.late_promise = n));
  Object.freeze(String.prototype);
  require('path')[mark] = n;
  require.cache[mark] = n;
  setTimeout(() => (globalThis.late_timer = n), 0);
  setInterval(() => (globalThis.late_timer = n), 1);
  setImmediate(() => (globalThis.late_timer = n));
  const report = found.length === 0 ? `clean ${names}` : found.join(', ');
  if (n % 7 === 1) {
    // Ends with an uncaught exception, in the middle of everything.
    throw new Error(report);
  }
  Math.random = () => 0.5;
  Date.now = () => 0;
  JSON.stringify = () => 'an intruder';
  Array.prototype.map = () => 'an intruder';
  Array.prototype[Symbol.iterator] = function* () {};
  return report;
})();
