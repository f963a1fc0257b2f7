// Text of any value: nesting, cycles, custom functions.
(function (all) {
  'use strict';

  const {
    peek, constructorName, tagOf, prefix, isArray, customInspect, width,
    items, consoleRoom, classes, isObject, isPlain, apply, classOf,
    proxyTarget, scriptObjectPrototype, scriptArrayPrototype, primitiveText,
    assemble, keysOf, addProperties, arrayKind, plainKind, kindOf,
  } = all;

  function objectText(context, object, shape) {
    if (shape.text !== undefined)
      return shape.text;
    if (context.nesting > context.depth) {
      const constructor = constructorName(object, context);
      const name = prefix(constructor, tagOf(object),
        isArray(object) ? 'Array' : 'Object').slice(0, -1);
      return constructor === null ? name : `[${name}]`;
    }
    context.nesting++;
    const own = context.nesting;
    context.level = own;
    context.seen.push(object);
    const entries = [];
    shape.add?.(entries);
    addProperties(context, object, shape.keys, entries);
    context.seen.pop();
    context.nesting--;
    const reference = context.circular?.get(object);
    if (reference !== undefined)
      shape.base = shape.base === '' ? `<ref *${reference}>`
        : `<ref *${reference}> ${shape.base}`;
    return assemble(context, entries, shape, own);
  }

  function customText(context, object) {
    const custom = peek(object, customInspect);
    if (typeof custom !== 'function')
      return undefined;
    const depth = context.depth - context.nesting;
    const result = apply(custom, object, [depth,
      { ...plainOptions, depth }, inspect]);
    if (isObject(result))
      return valueText(context, result);
    return typeof result !== 'string' ? primitiveText(result, context)
      : result.replaceAll('\n', `\n${' '.repeat(context.indent)}`);
  }

  function valueText(context, value) {
    let kind = classOf(value);
    if (kind === 0) {
      const text = primitiveText(value, context);
      context.room -= text.length;
      return text;
    }
    context.room -= 4;
    let object = value;
    while (kind === classes.proxy) {
      object = proxyTarget(object);
      kind = classOf(object);
    }
    const plainObject = kind === classes.object
      && isPlain(object, scriptObjectPrototype);
    const plainArray = kind === classes.array
      && isPlain(object, scriptArrayPrototype);
    if (context.custom && object === value && !plainObject && !plainArray) {
      const text = customText(context, object);
      if (text !== undefined)
        return text;
    }
    if (context.seen.includes(object)) {
      context.circular ??= new Map();
      let number = context.circular.get(object);
      if (number === undefined) {
        number = context.circular.size + 1;
        context.circular.set(object, number);
      }
      return `[Circular *${number}]`;
    }
    if (plainObject)
      return objectText(context, object,
        plainKind('Object', '', keysOf(object, context)));
    if (plainArray)
      return objectText(context, object,
        arrayKind(context, object, 'Array', ''));
    return objectText(context, object, kindOf(context, object, kind));
  }

  const plainOptions = {
    depth: 2, showHidden: false, custom: true, lineWidth: width,
    maxItems: items,
  };

  function describe(value, options, room) {
    return valueText({
      depth: options.depth,
      showHidden: options.showHidden,
      // Whether keys may be listed that are not enumerable.
      mixed: options.showHidden,
      custom: options.custom,
      lineWidth: options.lineWidth,
      maxItems: options.maxItems,
      indent: 0,
      // Depth of the object in the making, and of the one made last.
      nesting: 0,
      level: 0,
      seen: [],
      circular: undefined,
      room,
    }, value);
  }

  // What custom functions of scripts are given.
  function inspect(value, options) {
    return describe(value, optionsFrom(options), consoleRoom);
  }

  function optionsFrom(options) {
    if (!isObject(options))
      return plainOptions;
    const depth = peek(options, 'depth');
    const number = (key, fallback) => {
      const value = peek(options, key);
      return typeof value === 'number' ? value
        : value === null ? Infinity : fallback;
    };
    return {
      ...plainOptions,
      depth: depth === null ? Infinity : typeof depth === 'number' ? depth : 2,
      showHidden: peek(options, 'showHidden') === true,
      custom: peek(options, 'customInspect') !== false,
      lineWidth: number('breakLength', width),
      maxItems: number('maxArrayLength', items),
    };
  }

  Object.assign(all, {
    describe, plainOptions, optionsFrom, valueText, inspect,
  });
  return all;
});
