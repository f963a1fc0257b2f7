// `require`, and what ES modules see of modules that are none. Runs in the
// prelude's realm; what scripts get is made by `realm`, in theirs. Where files
// are and what they hold, the host knows: `resolve`, `compile`, `readJson`.
(function (resolve, compile, readJson, caller, entry, file, sql, exec,
  realm) {
  'use strict';

  const { apply, defineProperty, deleteProperty } = Reflect;
  const { getOwnPropertyDescriptor } = Object;
  const ownKeys = Object.keys;

  // As in the host's `module_format`.
  const formats = {
    script: 0, commonjs: 1, esm: 2, json: 3, builtin: 4, native: 5,
  };
  // As in the host's `import_kind`.
  const requires = 0;

  // Names that an ES module can import from one that is none.
  const maxNames = 4096;

  const cache = realm.bare();
  // The host's modules: what makes their exports.
  const natives = new Map();
  const named = new Map();
  // Modules that run, and the number of the run in which they began: a script
  // that is stopped leaves them behind.
  const begun = new Map();

  let entryRun = -1;
  let entryModule;

  const fileName = (name) => `/${name}`;
  const folderName = (name) => `/${name.slice(0, name.lastIndexOf('/') + 1)
    .slice(0, -1)}`;

  function remember(key, value) {
    defineProperty(cache, key, {
      value, configurable: true, enumerable: true, writable: true,
    });
  }

  function fail(message, code) {
    const error = realm.error(message);
    realm.define(error, 'code', code, true);
    return error;
  }

  // The value of a property of an object's own; no getter is called.
  function own(object, key) {
    if (object === null || typeof object !== 'object')
      return undefined;
    return getOwnPropertyDescriptor(object, key)?.value;
  }

  // A `Buffer` where scripts have that global.
  function asBuffer(bytes) {
    const { Buffer } = realm.global;
    return typeof Buffer === 'function' && typeof Buffer.from === 'function'
      ? apply(Buffer.from, Buffer, [bytes]) : bytes;
  }

  function find(specifier, importer) {
    if (typeof specifier !== 'string')
      throw fail('The "id" argument must be of type string',
        'ERR_INVALID_ARG_TYPE');
    return resolve(specifier, importer, requires);
  }

  function newModule(name) {
    const module = realm.module(fileName(name), folderName(name),
      fileName(name), realm.list());
    realm.define(module, 'require', requireOf(() => name), false);
    return module;
  }

  // The script of this run as a module: what `module` is in it.
  function mainModule() {
    const [name, run, isFile] = entry();
    if (!isFile)
      return undefined;
    if (run !== entryRun) {
      entryRun = run;
      entryModule = newModule(name);
      realm.define(entryModule, 'id', '.', true);
      remember(fileName(name), entryModule);
    }
    return entryModule;
  }

  function cached(key, run) {
    const known = cache[key];
    if (known === undefined || known === null)
      return undefined;
    const since = begun.get(key);
    if (since === undefined || since.run === run || since.module !== known)
      return known;
    begun.delete(key);
    deleteProperty(cache, key);
    return undefined;
  }

  function runModule(module, name, format) {
    const code = compile(name, format);
    if (code === null)
      throw fail(`require() of ES Module ${fileName(name)} is not supported; `
        + 'use import()', 'ERR_REQUIRE_ESM');
    apply(code, module.exports, [module.exports, module.require, module,
      fileName(name), folderName(name)]);
  }

  function parseJson(name) {
    try {
      return readJson(name);
    } catch (error) {
      if (error !== null && typeof error === 'object')
        realm.define(error, 'message', `${fileName(name)}: ${error.message}`,
          false);
      throw error;
    }
  }

  function requireFile(name, format) {
    const [main, run, isFile] = entry();
    if (isFile && main === name)
      mainModule();
    const key = fileName(name);
    const known = cached(key, run);
    if (known !== undefined)
      return known.exports;
    const module = newModule(name);
    remember(key, module);
    begun.set(key, { run, module });
    let done = false;
    try {
      if (format === formats.json)
        realm.define(module, 'exports', parseJson(name), true);
      else
        runModule(module, name, format);
      done = true;
    } finally {
      begun.delete(key);
      if (!done)
        deleteProperty(cache, key);
    }
    realm.define(module, 'loaded', true, true);
    return module.exports;
  }

  function requireNamed(name, format) {
    const known = named.get(name);
    if (known !== undefined)
      return known.exports;
    if (format === formats.native) {
      const made = natives.get(name);
      if (made === undefined)
        throw fail(`MODULE_NOT_ALLOWED: this server has no module "${name}"`,
          'MODULE_NOT_ALLOWED');
      const module = { exports: made() };
      named.set(name, module);
      return module.exports;
    }
    const module = realm.module(name, '', name, realm.list());
    named.set(name, module);
    let done = false;
    try {
      apply(compile(name, format), module.exports, [module.exports,
        requireOf(() => ''), module, name, '']);
      done = true;
    } finally {
      if (!done)
        named.delete(name);
    }
    return module.exports;
  }

  function exportsOf(name, format) {
    if (format === formats.esm)
      throw fail(`require() of ES Module ${fileName(name)} is not supported; `
        + 'use import()', 'ERR_REQUIRE_ESM');
    return format >= formats.builtin ? requireNamed(name, format)
      : requireFile(name, format);
  }

  const argument = (given, place) =>
    given.length > place ? given[place] : undefined;

  function requireOf(importer) {
    const require = realm.method('require', (self, given) => {
      const [format, name] = find(argument(given, 0), importer());
      return exportsOf(name, format);
    });
    realm.define(require, 'resolve', realm.method('resolve', (self, given) => {
      const [format, name] = find(argument(given, 0), importer());
      return format >= formats.builtin ? argument(given, 0) : fileName(name);
    }), true);
    realm.define(require, 'cache', cache, true);
    realm.defineGetter(require, 'main', realm.method('main', mainModule),
      undefined, true);
    return require;
  }

  // Relative to whatever script calls it.
  const globalRequire = requireOf(caller);

  // What an ES module gets that imports another kind: the default, and then
  // names and values in turn.
  function importNames(name, format) {
    const exports = exportsOf(name, format);
    const names = [exports];
    if (format === formats.json || exports === null
        || (typeof exports !== 'object' && typeof exports !== 'function'))
      return names;
    for (const key of ownKeys(exports)) {
      if (key === 'default' || names.length > 2 * maxNames)
        continue;
      let value;
      try {
        value = exports[key];
      } catch {
        continue;
      }
      names[names.length] = key;
      names[names.length] = value;
    }
    return names;
  }

  // Globals that differ from script to script, or from run to run.
  function defineGlobal(name, read) {
    realm.defineGetter(realm.global, name, realm.method(name, read),
      realm.method(name, (self, given) => {
        realm.define(realm.global, name, argument(given, 0), false);
      }), false);
  }

  const isMain = () => {
    const [name, , isFile] = entry();
    return isFile && caller() === name;
  };
  defineGlobal('module', () => (isMain() ? mainModule() : undefined));
  defineGlobal('exports', () => (isMain() ? mainModule().exports : undefined));
  defineGlobal('__filename', () => {
    const name = caller();
    return name === '' ? undefined : fileName(name);
  });
  defineGlobal('__dirname', () => {
    const name = caller();
    return name === '' ? undefined : folderName(name);
  });
  realm.define(realm.global, 'require', globalRequire, false);

  return {
    importNames, completion: realm.completion, natives, realm, fail,
    own, asBuffer,
  };
})
