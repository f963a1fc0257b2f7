// What things are: the classes of the engine, and looking at an object without
// running code of a script.
//
// The prelude makes text of values: what `console` prints, what a completion
// value or an exception looks like, all as Node's console would show it. Its
// files are evaluated in the order of the build's list, each a function that is
// called with what the earlier ones gave; this one with the host's queries and
// two prototypes of the scripts' realm.
//
// The prelude runs in a realm of its own, so scripts cannot change what it uses,
// and is frozen at the end, so that nothing that leaks from it can be changed
// either. An object of a script is only looked at through descriptors and
// prototypes: no getter, no trap of a proxy. The exceptions are those that Node
// makes: getters of `Symbol.toStringTag`, functions called
// `Symbol.for('nodejs.util.inspect.custom')`, and what `%s`, `%d` and `%j`
// convert.
(function (classOf, proxyTarget, promiseState, promiseResult, now, ownValue,
           textKind, scriptObjectPrototype, scriptArrayPrototype) {
  'use strict';

  const {
    keys: enumerableKeys, getOwnPropertyNames, getOwnPropertySymbols,
    getOwnPropertyDescriptor, getPrototypeOf, hasOwn,
  } = Object;
  const { apply } = Reflect;
  const isArray = Array.isArray;
  const { floor, max, min, round, sqrt } = Math;
  const customInspect = Symbol.for('nodejs.util.inspect.custom');

  // What `ownValue` answers when there is no value.
  const accessor = Symbol('accessor');
  const absent = Symbol('absent');

  const isIdentifier = 1;
  const needsEscapes = 2;

  // -- limits and layout, those of Node ---------------------------------------

  const width = 80;
  const shortString = 16;
  const items = 100;
  const maxStringLength = 10000;
  const levelsPerLine = 3;
  // Characters after which the rest of a value is left out.
  const consoleRoom = 4 << 20;
  const previewRoom = 16 << 10;

  // -- what things are --------------------------------------------------------

  const classes = {
    proxy: classOf(new Proxy({}, {})),
    map: classOf(new Map()),
    set: classOf(new Set()),
    weakMap: classOf(new WeakMap()),
    weakSet: classOf(new WeakSet()),
    date: classOf(new Date()),
    regExp: classOf(/x/),
    error: classOf(new Error()),
    promise: classOf(Promise.resolve()),
    arrayBuffer: classOf(new ArrayBuffer(0)),
    sharedArrayBuffer: typeof SharedArrayBuffer === 'function'
      ? classOf(new SharedArrayBuffer(0)) : -1,
    dataView: classOf(new DataView(new ArrayBuffer(0))),
    strictArguments: classOf((function () { return arguments; })()),
    sloppyArguments: classOf(Function('return arguments')()),
    asyncFunction: classOf(async () => {}),
    generatorFunction: classOf(function* () {}),
    asyncGeneratorFunction: classOf(async function* () {}),
    nativeFunction: classOf(Object),
    object: classOf({}),
    array: classOf([]),
  };

  const typedArrayNames = new Map();
  for (const type of [Uint8ClampedArray, Int8Array, Uint8Array, Int16Array,
    Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
    Float32Array, Float64Array])
    typedArrayNames.set(classOf(new type(0)), type.name);
  if (typeof Float16Array === 'function')
    typedArrayNames.set(classOf(new Float16Array(0)), 'Float16Array');

  const boxes = new Map([
    [classOf(Object(0)), ['Number', Number.prototype.valueOf]],
    [classOf(Object('')), ['String', String.prototype.valueOf]],
    [classOf(Object(true)), ['Boolean', Boolean.prototype.valueOf]],
    [classOf(Object(Symbol())), ['Symbol', Symbol.prototype.valueOf]],
    [classOf(Object(0n)), ['BigInt', BigInt.prototype.valueOf]],
  ]);

  const getter = (prototype, name) =>
    getOwnPropertyDescriptor(prototype, name).get;
  const typedArrayLength
    = getter(getPrototypeOf(Uint8Array.prototype), 'length');
  const mapSize = getter(Map.prototype, 'size');
  const setSize = getter(Set.prototype, 'size');
  const bufferLength = getter(ArrayBuffer.prototype, 'byteLength');
  const sharedBufferLength = classes.sharedArrayBuffer < 0
    ? null : getter(SharedArrayBuffer.prototype, 'byteLength');
  const viewLength = getter(DataView.prototype, 'byteLength');
  const viewOffset = getter(DataView.prototype, 'byteOffset');
  const viewBuffer = getter(DataView.prototype, 'buffer');
  const errorStack = getter(Error.prototype, 'stack');
  const mapForEach = Map.prototype.forEach;
  const setForEach = Set.prototype.forEach;
  const dateToISO = Date.prototype.toISOString;
  const dateToString = Date.prototype.toString;
  const dateTime = Date.prototype.getTime;
  const functionText = Function.prototype.toString;
  const regExpSource = getter(RegExp.prototype, 'source');
  const regExpFlags = getter(RegExp.prototype, 'flags');
  const isEnumerable = Object.prototype.propertyIsEnumerable;
  const symbolText = Symbol.prototype.toString;
  const stringify = JSON.stringify;

  const isObject = (value) =>
    (typeof value === 'object' && value !== null)
    || typeof value === 'function';

  const isProxy = (value) => classOf(value) === classes.proxy;

  function unwrap(value) {
    while (classOf(value) === classes.proxy)
      value = proxyTarget(value);
    return value;
  }

  // The descriptor of a property, own or inherited; stops before a proxy.
  function find(object, key) {
    for (let at = object; at !== null && !isProxy(at); at = getPrototypeOf(at)) {
      const descriptor = getOwnPropertyDescriptor(at, key);
      if (descriptor !== undefined)
        return descriptor;
    }
    return undefined;
  }

  // The value of a property, unless code of a script would have to run.
  function peek(object, key) {
    const descriptor = find(object, key);
    if (descriptor === undefined)
      return undefined;
    if (descriptor.get !== undefined)
      return classOf(descriptor.get) === classes.nativeFunction
        ? quietly(() => apply(descriptor.get, object, [])) : undefined;
    return descriptor.value;
  }

  function quietly(action) {
    try {
      return action();
    } catch {
      return undefined;
    }
  }

  function nameOf(callable) {
    if (isProxy(callable))
      return '';
    const descriptor = getOwnPropertyDescriptor(callable, 'name');
    return descriptor !== undefined && typeof descriptor.value === 'string'
      ? descriptor.value : '';
  }

  function isInstance(object, constructor) {
    const descriptor = getOwnPropertyDescriptor(constructor, 'prototype');
    if (descriptor === undefined || !isObject(descriptor.value))
      return false;
    for (let at = object; !isProxy(at);) {
      at = getPrototypeOf(at);
      if (at === null)
        return false;
      if (at === descriptor.value)
        return true;
    }
    return false;
  }

  // Whether it is as a literal makes it: nothing to find in its prototypes.
  const isPlain = (object, prototype) =>
    getPrototypeOf(object) === prototype && !hasOwn(object, 'constructor')
    && !hasOwn(object, Symbol.toStringTag) && !hasOwn(object, customInspect);

  // Name of the constructor; null for an object without any.
  function constructorName(object, context) {
    let first;
    for (let at = object; at !== null && !isProxy(at);) {
      const descriptor = getOwnPropertyDescriptor(at, 'constructor');
      if (descriptor !== undefined && typeof descriptor.value === 'function'
          && !isProxy(descriptor.value)) {
        const name = nameOf(descriptor.value);
        if (name !== '' && isInstance(object, descriptor.value))
          return name;
      }
      at = getPrototypeOf(at);
      if (first === undefined)
        first = at;
    }
    if (first === null || first === undefined)
      return null;
    const name = typeof object === 'function' ? 'Function' : 'Object';
    if (isProxy(first) || context.level > context.depth)
      return `${name} <Complex prototype>`;
    const inherited = constructorName(first, context);
    if (inherited !== null)
      return `${name} <${inherited}>`;
    const shown = all.describe(first, { ...all.plainOptions, depth: -1 }, 256);
    return `${name} <${shown}>`;
  }

  // Classes define it as a getter: this one runs.
  function tagOf(object) {
    const descriptor = find(object, Symbol.toStringTag);
    if (descriptor === undefined)
      return '';
    const tag = descriptor.get === undefined ? descriptor.value
      : quietly(() => apply(descriptor.get, object, []));
    if (typeof tag !== 'string' || tag === '')
      return '';
    return apply(isEnumerable, object, [Symbol.toStringTag]) ? '' : tag;
  }

  // As in `Map(2) `, `Foo [bar] `, `[Object: null prototype] `.
  function prefix(constructor, tag, fallback, size = '') {
    const note = tag !== '' && tag !== (constructor ?? fallback)
      ? `[${tag}] ` : '';
    return constructor === null
      ? `[${fallback}${size}: null prototype] ${note}`
      : `${constructor}${size} ${note}`;
  }

  const all = {
    accessor, absent, isIdentifier, needsEscapes, shortString,
    maxStringLength, levelsPerLine, isEnumerable, symbolText, enumerableKeys,
    getOwnPropertyNames, getOwnPropertySymbols, getOwnPropertyDescriptor,
    apply, floor, max, min, round, sqrt, ownValue, textKind, peek, quietly,
    nameOf, constructorName, tagOf, prefix, isArray, classes, typedArrayNames,
    boxes, typedArrayLength, mapSize, setSize, bufferLength,
    sharedBufferLength, viewLength, viewOffset, viewBuffer, errorStack,
    mapForEach, setForEach, dateToISO, dateToString, dateTime, functionText,
    regExpSource, regExpFlags, getPrototypeOf, classOf, promiseState,
    promiseResult, customInspect, width, items, consoleRoom, isObject,
    isPlain, proxyTarget, scriptObjectPrototype, scriptArrayPrototype,
    stringify, isProxy, unwrap, previewRoom, now,
  };
  return all;
});
