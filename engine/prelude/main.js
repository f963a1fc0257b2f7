// What the host calls; and the end of the prelude, which freezes it.
(function (all) {
  'use strict';

  const {
    unwrap, peek, constructorName, tagOf, accessor, absent, previewRoom,
    classes, isObject, getOwnPropertyNames, getOwnPropertySymbols,
    getOwnPropertyDescriptor, getPrototypeOf, classOf, primitiveText,
    plainContext, errorTitle, bareStack, valueText, describe, plainOptions,
    format, console, inspect, typedArrayNames, boxes,
  } = all;

  const kinds = {
    other: 0, outOfMemory: 1, stackOverflow: 2, redeclaration: 3, syntax: 4,
  };

  function kindOfError(error, stack) {
    const name = peek(error, 'name');
    const message = peek(error, 'message');
    if (name === 'InternalError' && message === 'out of memory')
      return kinds.outOfMemory;
    if ((name === 'RangeError' && message === 'Maximum call stack size exceeded')
        || (name === 'SyntaxError' && message === 'stack overflow'))
      return kinds.stackOverflow;
    if (name !== 'SyntaxError')
      return kinds.other;
    // Clashes are found when a script starts: its frame is the only one.
    return typeof message === 'string' && message.startsWith('redeclaration of')
      && !stack.includes('\n') ? kinds.redeclaration : kinds.syntax;
  }

  // [message, stack or undefined, kind] of whatever was thrown.
  function describeError(thrown) {
    const error = unwrap(thrown);
    if (!isObject(error))
      return [typeof error === 'string' ? error
        : primitiveText(error, plainContext), undefined, kinds.other];
    if (classOf(error) !== classes.error) {
      const stack = peek(error, 'stack');
      const message = peek(error, 'message');
      return [typeof message === 'string' && typeof stack === 'string'
        ? errorTitle(error, constructorName(error, { level: 0, depth: 0 }), '')
        : describe(error, plainOptions, previewRoom),
      typeof stack === 'string' ? stack.trimEnd() : undefined, kinds.other];
    }
    const stack = bareStack(error);
    const title = errorTitle(error,
      constructorName(error, { level: 0, depth: 0 }), tagOf(error));
    return [title, stack === '' ? undefined : stack,
      kindOfError(error, stack)];
  }

  const preview = (value) => describe(value, plainOptions, previewRoom);

  function freeze(value, seen) {
    if (!isObject(value) || seen.has(value))
      return;
    seen.add(value);
    for (const key of [...getOwnPropertyNames(value),
      ...getOwnPropertySymbols(value)]) {
      const descriptor = getOwnPropertyDescriptor(value, key);
      freeze(descriptor.value, seen);
      freeze(descriptor.get, seen);
      freeze(descriptor.set, seen);
    }
    freeze(getPrototypeOf(value), seen);
    Object.freeze(value);
  }

  // For `globals/`.
  const shared = {
    inspectText: inspect, formatText: (...values) => format(values), classOf,
    classes, typedArrayNames, boxes,
  };

  const seen = new Set();
  freeze(shared, seen);
  freeze(globalThis, seen);
  for (const hidden of [function* () {}, async () => {}, async function* () {},
    new Map().entries(), new Set().values(), [].values(), ''[Symbol.iterator](),
    'x'.matchAll(/x/g), format, describe, valueText])
    freeze(hidden, seen);
  return { inspect: preview, describeError, console, accessor, absent, shared };
});
