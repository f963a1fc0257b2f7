// Several values as one line, with the conversions of a pattern.
(function (all) {
  'use strict';

  const {
    peek, consoleRoom, classes, stringify, isObject, isProxy,
    getOwnPropertyDescriptor, getPrototypeOf, classOf, numberText, describe,
    plainOptions,
  } = all;

  function hasOwnText(value) {
    for (let at = value; at !== null && !isProxy(at); at = getPrototypeOf(at)) {
      const descriptor = getOwnPropertyDescriptor(at, 'toString')
        ?? getOwnPropertyDescriptor(at, Symbol.toPrimitive);
      if (descriptor === undefined)
        continue;
      return typeof descriptor.value === 'function'
        && classOf(descriptor.value) !== classes.nativeFunction;
    }
    return false;
  }

  function stringConversion(value) {
    if (typeof value === 'number')
      return numberText(value);
    if (typeof value === 'bigint')
      return `${value}n`;
    if (!isObject(value) || typeof value === 'function')
      return String(value);
    if (classOf(value) === classes.error || hasOwnText(value))
      return String(value);
    return describe(value, { ...plainOptions, depth: 0 }, consoleRoom);
  }

  function numberConversion(value, parse) {
    if (typeof value === 'bigint')
      return `${value}n`;
    return typeof value === 'symbol' ? 'NaN' : numberText(parse(value));
  }

  function jsonConversion(value) {
    try {
      return `${stringify(value)}`;
    } catch (error) {
      const message = isObject(error) ? peek(error, 'message') : '';
      if (typeof message === 'string' && message.includes('circular'))
        return '[Circular]';
      throw error;
    }
  }

  const hiddenOptions = { ...plainOptions, depth: 4, showHidden: true };

  const conversions = new Map([
    ['s', stringConversion],
    ['d', (value) => numberConversion(value, Number)],
    ['i', (value) => numberConversion(value, parseInt)],
    ['f', (value) => typeof value === 'symbol' ? 'NaN'
      : numberText(parseFloat(value))],
    ['j', jsonConversion],
    ['o', (value) => describe(value, hiddenOptions, consoleRoom)],
    ['O', (value) => describe(value, plainOptions, consoleRoom)],
    ['c', () => ''],
  ]);

  function format(values) {
    const [pattern] = values;
    let text = '';
    let used = 0;
    if (typeof pattern === 'string') {
      if (values.length === 1)
        return pattern;
      used = 1;
      let from = 0;
      for (let at = pattern.indexOf('%'); at >= 0 && at + 1 < pattern.length;
        at = pattern.indexOf('%', at)) {
        const letter = pattern[at + 1];
        const convert = conversions.get(letter);
        if (letter === '%') {
          text += pattern.slice(from, at + 1);
        } else if (convert !== undefined && used < values.length) {
          text += pattern.slice(from, at) + convert(values[used++]);
        } else {
          at += 1;
          continue;
        }
        at += 2;
        from = at;
      }
      text += pattern.slice(from);
    }
    for (let i = used; i < values.length; i++) {
      if (i > 0)
        text += ' ';
      text += typeof values[i] === 'string' ? values[i]
        : typeof values[i] === 'number' ? numberText(values[i])
          : describe(values[i], plainOptions, consoleRoom);
    }
    return text;
  }

  Object.assign(all, {
    format,
  });
  return all;
});
