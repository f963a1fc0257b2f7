// What a value is, and the module `util`.
(function (all) {
  'use strict';

  const {
    defineHidden, codedError, argumentError, promisifyCustom, customInspect,
    inspectText, formatText, classOf, timers,
    timersPromises, moduleSource, digest, fillRandom,
  } = all;
  const { apply } = Reflect;
  const {
    defineProperty, getOwnPropertyDescriptors, getPrototypeOf, setPrototypeOf,
    keys, is,
  } = Object;

  // -- types: `all.types` is there already, from types.js ---------------------

  const { types } = all;

  // -- inspect and format -----------------------------------------------------

  function inspect(value, options, depth) {
    if (typeof options === 'boolean' || options === null)
      return inspectText(value, { showHidden: options === true, depth });
    return inspectText(value, options);
  }
  inspect.custom = customInspect;
  inspect.defaultOptions = {
    showHidden: false, depth: 2, colors: false, customInspect: true,
    showProxy: false, maxArrayLength: 100, maxStringLength: 10000,
    breakLength: 80, compact: 3, sorted: false, getters: false,
    numericSeparator: false,
  };

  const format = (...values) => formatText(...values);
  const formatWithOptions = (options, ...values) => formatText(...values);

  // -- functions --------------------------------------------------------------

  function checkFunction(value, name) {
    if (typeof value !== 'function')
      throw argumentError(name, 'of type function', value);
  }

  function promisify(original) {
    checkFunction(original, 'original');
    const custom = original[promisifyCustom];
    if (custom !== undefined) {
      checkFunction(custom, 'util.promisify.custom');
      return defineProperty(custom, promisifyCustom,
        { value: custom, configurable: true });
    }
    function promised(...values) {
      return new Promise((done, fail) => apply(original, this, [...values,
        (error, ...results) => error ? fail(error) : done(results[0])]));
    }
    setPrototypeOf(promised, getPrototypeOf(original));
    const properties = getOwnPropertyDescriptors(original);
    defineProperty(promised, promisifyCustom,
      { value: promised, configurable: true });
    return Object.defineProperties(promised, properties);
  }
  promisify.custom = promisifyCustom;

  function callbackify(original) {
    checkFunction(original, 'original');
    return function (...values) {
      const callback = values.pop();
      checkFunction(callback, 'last argument');
      apply(original, this, values).then(
        (value) => timers.setImmediate(callback, null, value),
        (reason) => {
          let error = reason;
          if (!error) {
            error = codedError(Error, 'ERR_FALSY_VALUE_REJECTION',
              'Promise was rejected with falsy value');
            error.reason = reason;
          }
          timers.setImmediate(callback, error);
        });
    };
  }

  const warned = new Set();

  function deprecate(callable, message, code) {
    checkFunction(callable, 'fn');
    let told = false;
    function deprecated(...values) {
      if (!told && !(code !== undefined && warned.has(code))) {
        told = true;
        warned.add(code);
        globalThis.console?.error(
          `${code === undefined ? '' : `[${code}] `}DeprecationWarning: ${message}`);
      }
      return new.target ? Reflect.construct(callable, values, new.target)
        : apply(callable, this, values);
    }
    setPrototypeOf(deprecated, callable);
    if (callable.prototype)
      deprecated.prototype = callable.prototype;
    return deprecated;
  }

  function inherits(constructor, parent) {
    if (constructor === undefined || constructor === null)
      throw argumentError('ctor', 'of type function', constructor);
    if (parent === undefined || parent === null)
      throw argumentError('superCtor', 'of type function', parent);
    if (parent.prototype === undefined)
      throw argumentError('superCtor.prototype', 'of type object',
        parent.prototype);
    defineHidden(constructor, 'super_', parent);
    setPrototypeOf(constructor.prototype, parent.prototype);
  }

  const silent = () => {};
  silent.enabled = false;
  const debuglog = () => silent;

  const stripVTControlCharacters = (text) => {
    if (typeof text !== 'string')
      throw argumentError('str', 'of type string', text);
    return text.replace(
      /[\x1b\x9b][[\]()#;?]*(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]/g,
      '');
  };

  // -- isDeepStrictEqual ------------------------------------------------------

  const enumerableSymbols = (value) =>
    Object.getOwnPropertySymbols(value).filter((key) =>
      Object.prototype.propertyIsEnumerable.call(value, key));

  function sameBytes(a, b) {
    if (a.byteLength !== b.byteLength)
      return false;
    const bytes = (x) => ArrayBuffer.isView(x)
      ? new Uint8Array(x.buffer, x.byteOffset, x.byteLength)
      : new Uint8Array(x);
    const [first, second] = [bytes(a), bytes(b)];
    return first.every((byte, i) => byte === second[i]);
  }

  function sameMembers(a, b, equal) {
    if (a.size !== b.size)
      return false;
    const isMap = types.isMap(a);
    const rest = [];
    for (const one of a) {
      const key = isMap ? one[0] : one;
      if (!b.has(key))
        rest.push(one);
      else if (isMap && !equal(one[1], b.get(key)))
        return false;
    }
    const others = [...b].filter((one) => !a.has(isMap ? one[0] : one));
    return rest.every((one) => {
      const at = others.findIndex((other) => equal(one, other));
      if (at >= 0)
        others.splice(at, 1);
      return at >= 0;
    });
  }

  // Whether what two objects of the same class hold inside is the same.
  function sameInside(a, b, equal) {
    if (types.isDate(a))
      return a.getTime() === b.getTime();
    if (types.isRegExp(a))
      return `${a}` === `${b}` && a.lastIndex === b.lastIndex;
    if (types.isNativeError(a))
      return a.message === b.message && a.name === b.name
        && equal(a.cause, b.cause) && equal(a.errors, b.errors);
    if (types.isBoxedPrimitive(a))
      return is(a.valueOf(), b.valueOf());
    if (types.isFloat32Array(a) || types.isFloat64Array(a))
      return a.length === b.length && a.every((x, i) => is(x, b[i]));
    if (ArrayBuffer.isView(a) || types.isAnyArrayBuffer(a))
      return sameBytes(a, b);
    if (types.isMap(a) || types.isSet(a))
      return sameMembers(a, b, equal);
    return !types.isPromise(a) && !types.isWeakMap(a) && !types.isWeakSet(a)
      && typeof a !== 'function';
  }

  function isDeepStrictEqual(left, right) {
    const pairs = new Map();
    function equal(a, b) {
      if (is(a, b))
        return true;
      if (typeof a !== 'object' || typeof b !== 'object' || a === null
          || b === null)
        return false;
      if (getPrototypeOf(a) !== getPrototypeOf(b) || classOf(a) !== classOf(b)
          || (Array.isArray(a) && a.length !== b.length))
        return false;
      if (pairs.get(a) === b)
        return true;
      const before = pairs.get(a);
      pairs.set(a, b);
      const names = [...keys(a), ...enumerableSymbols(a)];
      const same = names.length === keys(b).length + enumerableSymbols(b).length
        && sameInside(a, b, equal)
        && names.every((name) =>
          Object.prototype.propertyIsEnumerable.call(b, name)
          && equal(a[name], b[name]));
      pairs.set(a, before);
      return same;
    }
    return equal(left, right);
  }

  const util = {
    inspect, format, formatWithOptions, promisify, callbackify, deprecate,
    inherits, debuglog, debug: debuglog, types, isDeepStrictEqual,
    stripVTControlCharacters,
    toUSVString: (text) => `${text}`.toWellFormed(),
    TextEncoder: globalThis.TextEncoder,
    TextDecoder: globalThis.TextDecoder,
    isArray: Array.isArray,
    isBoolean: (value) => typeof value === 'boolean',
    isNull: (value) => value === null,
    isNullOrUndefined: (value) => value === null || value === undefined,
    isNumber: (value) => typeof value === 'number',
    isString: (value) => typeof value === 'string',
    isSymbol: (value) => typeof value === 'symbol',
    isUndefined: (value) => value === undefined,
    isRegExp: types.isRegExp,
    isObject: (value) => value !== null && typeof value === 'object',
    isDate: types.isDate,
    isError: (value) => types.isNativeError(value) || value instanceof Error,
    isFunction: (value) => typeof value === 'function',
    isPrimitive: (value) => value === null
      || (typeof value !== 'object' && typeof value !== 'function'),
  };

  // -- modules ----------------------------------------------------------------

  // By name: what every image has.
  const modules = {
    util,
    'util/types': types,
    timers: { ...timers, promises: timersPromises },
    'timers/promises': timersPromises,
    // What the texts of others are made with.
    'internal/host': {
      digest, fillRandom, webcrypto: globalThis.crypto, codedError,
      argumentError,
    },
  };

  const makeFunction = Function;

  // Evaluates the text of a module that not every image has.
  function loadSource(name, module) {
    makeFunction('exports', 'require', 'module', moduleSource(name))(
      module.exports, (wanted) => modules[wanted], module);
  }

  function invalidUrl(input, base) {
    const error = codedError(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
    error.input = input;
    if (base !== undefined)
      error.base = base;
    return error;
  }

  return Object.assign(all, { modules, loadSource, invalidUrl });
});
