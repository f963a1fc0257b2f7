// Runs in every new session of the demo's template, before its first script.
// What it leaves on the global object is there for all of them.

globalThis.check = function check(condition, what) {
  if (!condition) {
    throw new Error(`check failed: ${what}`);
  }
};

// A small generator of pseudo-random numbers, so that simulations give the
// same result every time.
globalThis.makeRandom = function makeRandom(seed) {
  let state = seed >>> 0;
  return function next() {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

console.log("the session is set up");
