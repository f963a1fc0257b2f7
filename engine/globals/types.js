// What kind of object a value is: `util.types`.
(function (all) {
  'use strict';

  const { classOf, classes, typedArrayNames, boxes } = all;

  const isClass = (...names) => {
    const wanted = names.map((name) => classes[name]);
    return (value) => wanted.includes(classOf(value));
  };
  const isTyped = (name) => (value) => typedArrayNames.get(classOf(value)) === name;
  const isBox = (name) => (value) => boxes.get(classOf(value))?.[0] === name;
  const hasTag = (value, tag) => classOf(value) !== 0
    && Object.prototype.toString.call(value) === `[object ${tag}]`;

  const types = {
    isProxy: isClass('proxy'),
    isMap: isClass('map'),
    isSet: isClass('set'),
    isWeakMap: isClass('weakMap'),
    isWeakSet: isClass('weakSet'),
    isDate: isClass('date'),
    isRegExp: isClass('regExp'),
    isNativeError: isClass('error'),
    isPromise: isClass('promise'),
    isArrayBuffer: isClass('arrayBuffer'),
    isSharedArrayBuffer: isClass('sharedArrayBuffer'),
    isAnyArrayBuffer: isClass('arrayBuffer', 'sharedArrayBuffer'),
    isDataView: isClass('dataView'),
    isArgumentsObject: isClass('strictArguments', 'sloppyArguments'),
    isAsyncFunction: isClass('asyncFunction', 'asyncGeneratorFunction'),
    isGeneratorFunction: isClass('generatorFunction', 'asyncGeneratorFunction'),
    isGeneratorObject: (value) => hasTag(value, 'Generator')
      || hasTag(value, 'AsyncGenerator'),
    isMapIterator: (value) => hasTag(value, 'Map Iterator'),
    isSetIterator: (value) => hasTag(value, 'Set Iterator'),
    isModuleNamespaceObject: (value) => hasTag(value, 'Module'),
    isExternal: () => false,
    isNumberObject: isBox('Number'),
    isStringObject: isBox('String'),
    isBooleanObject: isBox('Boolean'),
    isSymbolObject: isBox('Symbol'),
    isBigIntObject: isBox('BigInt'),
    isBoxedPrimitive: (value) => boxes.has(classOf(value)),
    isTypedArray: (value) => typedArrayNames.has(classOf(value)),
    isArrayBufferView: ArrayBuffer.isView,
  };
  for (const name of typedArrayNames.values())
    types[`is${name}`] = isTyped(name);

  return Object.assign(all, { types });
});
