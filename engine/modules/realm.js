// What the module loader, which lives in the prelude's realm, needs of the
// scripts' realm: the objects and functions that scripts get to see. Evaluated
// when the image is built, so that it has the built-in objects as they were
// before any script.
(function () {
  'use strict';

  const { create, defineProperty } = Object;
  const OwnError = Error;
  const OwnPromise = Promise;
  const OwnDate = Date;
  const global = globalThis;

  return {
    // A function that is no constructor, and calls `body` with `this` and the
    // list of arguments.
    method: (name, body) => ({
      [name](...given) {
        return body(this, given);
      },
    })[name],
    object: () => ({}),
    bare: () => create(null),
    define: (object, key, value, enumerable) => defineProperty(object, key, {
      __proto__: null, value, enumerable, configurable: true, writable: true,
    }),
    defineGetter: (object, key, get, set, enumerable) => defineProperty(object,
      key, { __proto__: null, get, set, enumerable, configurable: true }),
    module: (id, path, filename, paths) => ({
      id, path, exports: {}, filename, loaded: false, children: [], paths,
    }),
    list: () => [],
    error: (message) => new OwnError(message),
    promise: (start) => new OwnPromise(start),
    date: (ms) => new OwnDate(ms),
    global,
    // The completion value of a run whose script is an ES module.
    completion: async (evaluated, namespace) => {
      await evaluated;
      return namespace.default;
    },
  };
})
