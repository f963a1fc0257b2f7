// structuredClone.
(function (all) {
  'use strict';

  const { DOMException, codedError, defineHidden, isBuffer, types } = all;
  const { hasOwn, getPrototypeOf } = Object;
  const { isView } = ArrayBuffer;

  function describe(value) {
    try {
      return typeof value === 'symbol' ? String(value) : `${value}`;
    } catch {
      return '#<Object>';
    }
  }

  const refuse = (value) => {
    throw new DOMException(`${typeof value === 'object' ? '#<Object>'
      : describe(value)} could not be cloned.`, 'DataCloneError');
  };

  const errorTypes = new Map([EvalError, RangeError, ReferenceError,
    SyntaxError, TypeError, URIError].map((type) => [type.name, type]));

  const uncloneable = ['isPromise', 'isWeakMap', 'isWeakSet', 'isProxy'];

  // Makes the copy without what it contains; `fill` does that.
  function shell(value, clone) {
    if (types.isBoxedPrimitive(value))
      return typeof value.valueOf() === 'symbol' ? refuse(value)
        : [Object(value.valueOf())];
    if (types.isDate(value))
      return [new Date(value.getTime())];
    if (types.isRegExp(value))
      return [new RegExp(value.source, value.flags)];
    if (value instanceof SharedArrayBuffer)
      return [value];
    if (types.isArrayBuffer(value))
      return [value.resizable
        ? copyInto(new ArrayBuffer(value.byteLength,
          { maxByteLength: value.maxByteLength }), value) : value.slice(0)];
    if (isView(value))
      return [viewOf(value, clone(value.buffer))];
    if (types.isMap(value))
      return [new Map(), (copy) => {
        for (const [key, one] of [...value])
          copy.set(clone(key), clone(one));
      }];
    if (types.isSet(value))
      return [new Set(), (copy) => {
        for (const one of [...value])
          copy.add(clone(one));
      }];
    if (types.isNativeError(value))
      return errorShell(value, clone);
    if (uncloneable.some((is) => types[is](value)))
      return refuse(value);
    const copy = Array.isArray(value) ? new Array(value.length) : {};
    return [copy, () => {
      for (const key of Object.keys(value))
        if (hasOwn(value, key))
          Object.defineProperty(copy, key, {
            value: clone(value[key]), writable: true, enumerable: true,
            configurable: true,
          });
    }];
  }

  function copyInto(to, from) {
    new Uint8Array(to).set(new Uint8Array(from));
    return to;
  }

  function viewOf(view, buffer) {
    if (view instanceof DataView)
      return new DataView(buffer, view.byteOffset, view.byteLength);
    let type = getPrototypeOf(view).constructor;
    // Those of a class of its own, such as Buffer, become what they are made of.
    for (const known of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array,
      Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array,
      BigInt64Array, BigUint64Array])
      if (view instanceof known)
        type = known;
    return new type(buffer, view.byteOffset, view.length);
  }

  function errorShell(error, clone) {
    const type = errorTypes.get(error.name) ?? Error;
    const copy = new type();
    delete copy.message;
    if (hasOwn(error, 'message'))
      defineHidden(copy, 'message', `${error.message}`);
    if (typeof error.stack === 'string')
      defineHidden(copy, 'stack', error.stack);
    return [copy, () => {
      if (hasOwn(error, 'cause'))
        defineHidden(copy, 'cause', clone(error.cause));
    }];
  }

  function checkTransfer(transfer) {
    const seen = new Set();
    for (const one of transfer) {
      if (!(one instanceof ArrayBuffer) || one.detached || seen.has(one))
        throw new DOMException(
          seen.has(one) ? 'ArrayBuffer occurs in the transfer list more than once'
            : 'Value not transferable', 'DataCloneError');
      seen.add(one);
    }
    return seen;
  }

  function structuredClone(value, options) {
    if (arguments.length === 0)
      throw codedError(TypeError, 'ERR_MISSING_ARGS',
        'The "value" argument must be specified');
    const moved = checkTransfer(options?.transfer ?? []);
    const copies = new Map();
    function clone(one) {
      if (typeof one === 'symbol' || typeof one === 'function')
        return refuse(one);
      if (typeof one !== 'object' || one === null)
        return one;
      if (copies.has(one))
        return copies.get(one);
      if (moved.has(one)) {
        // Its bytes go over when nothing can fail any more.
        const copy = one.slice(0);
        copies.set(one, copy);
        return copy;
      }
      const [copy, fill] = shell(one, clone);
      copies.set(one, copy);
      fill?.(copy);
      return copy;
    }
    const result = clone(value);
    for (const one of moved)
      one.transfer();
    return result;
  }
  defineHidden(globalThis, 'structuredClone', structuredClone);

  return all;
});
