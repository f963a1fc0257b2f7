// Text for values: what `console` prints and what a completion value or an
// exception looks like, as Node's console would show it. Runs in a realm of its
// own, so scripts cannot change what it uses, and frozen at the end, so that
// nothing that leaks from it can be changed either.
//
// An object of a script is only looked at through descriptors and prototypes:
// no getter, no trap of a proxy. The exceptions are those that Node makes:
// `Symbol.for('nodejs.util.inspect.custom')`, and what `%s`, `%d`, `%j` convert.
//
// Called with the host's queries and two prototypes of the scripts' realm; the
// value of this script is the function to call.
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

  // -- what things are ----------------------------------------------------------

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
    const shown = describe(first, { ...plainOptions, depth: -1 }, 256);
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

  // -- primitives ---------------------------------------------------------------

  const escapes = new Map([['\b', '\\b'], ['\t', '\\t'], ['\n', '\\n'],
    ['\f', '\\f'], ['\r', '\\r'], ['\\', '\\\\']]);
  const special = /[\x00-\x1f\x27\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

  const hex = (code, digits) =>
    code.toString(16).toUpperCase().padStart(digits, '0');

  function quote(text) {
    if ((textKind(text) & needsEscapes) === 0)
      return `'${text}'`;
    let mark = "'";
    if (text.includes("'")) {
      if (!text.includes('"'))
        mark = '"';
      else if (!text.includes('`') && !text.includes('${'))
        mark = '`';
    }
    const escaped = text.replace(special, (character) => {
      if (character === "'")
        return mark === "'" ? "\\'" : character;
      const known = escapes.get(character);
      if (known !== undefined)
        return known;
      const code = character.charCodeAt(0);
      return code < 256 ? `\\x${hex(code, 2)}` : `\\u${code.toString(16)}`;
    });
    return mark + escaped + mark;
  }

  const numberText = (number) => Object.is(number, -0) ? '-0' : `${number}`;

  function stringText(text, context) {
    let note = '';
    if (text.length > maxStringLength) {
      const rest = text.length - maxStringLength;
      text = text.slice(0, maxStringLength);
      note = `... ${rest} more character${rest > 1 ? 's' : ''}`;
    }
    if (text.length > shortString
        && text.length > context.lineWidth - context.indent - 4 && text.includes('\n'))
      return text.split(/(?<=\n)/).map(quote)
        .join(` +\n${' '.repeat(context.indent + 2)}`) + note;
    return quote(text) + note;
  }

  // For primitives that stand alone.
  const plainContext = { indent: 0, lineWidth: width };

  function primitiveText(value, context) {
    switch (typeof value) {
      case 'string': return stringText(value, context);
      case 'number': return numberText(value);
      case 'bigint': return `${value}n`;
      case 'symbol': return apply(symbolText, value, []);
      default: return `${value}`;
    }
  }

  // -- putting entries together ---------------------------------------------------

  // How the entries of a long array are laid out in columns.
  function columnsOf(context, entries, hasNote, numeric) {
    const { indent, lineWidth } = context;
    const count = entries.length - (hasNote ? 1 : 0);
    const gap = 2;
    const widths = [];
    let total = 0;
    let widest = 0;
    for (let i = 0; i < count; i++) {
      widths.push(entries[i].length);
      total += entries[i].length + gap;
      widest = max(widest, entries[i].length);
    }
    const cell = widest + gap;
    if (cell * 3 + indent >= lineWidth
        || (total / cell <= 5 && widest > 6))
      return entries;
    // About as high as wide, when a character is 2.5 times as high as wide.
    const typical = max(cell - 3 - sqrt(cell - total / entries.length), 1);
    const columns = min(
      round(sqrt(2.5 * typical * count) / typical),
      floor((lineWidth - indent) / cell), levelsPerLine * 4, 15);
    if (columns <= 1)
      return entries;
    const columnWidths = [];
    for (let column = 0; column < columns; column++) {
      let width = 0;
      for (let i = column; i < count; i += columns)
        width = max(width, widths[i]);
      columnWidths.push(width + gap);
    }
    const rows = [];
    for (let first = 0; first < count; first += columns) {
      const end = min(first + columns, count);
      let row = '';
      for (let i = first; i < end - 1; i++) {
        const text = `${entries[i]}, `;
        row += numeric ? text.padStart(columnWidths[i - first])
          : text.padEnd(columnWidths[i - first]);
      }
      const last = entries[end - 1];
      row += numeric ? last.padStart(columnWidths[end - 1 - first] - gap) : last;
      rows.push(row);
    }
    if (hasNote)
      rows.push(entries[count]);
    return rows;
  }

  function fitsOneLine({ lineWidth }, entries, start, base) {
    let total = entries.length + start;
    if (total + entries.length > lineWidth)
      return false;
    for (const entry of entries) {
      total += entry.length;
      if (total > lineWidth)
        return false;
    }
    return !base.includes('\n');
  }

  // `shape` has the brackets and what stands before them; of an array, also
  // `items`, which tells whether its first entries are numbers.
  function assemble(context, entries, shape, level) {
    const { open, close, base } = shape;
    const count = entries.length;
    if (shape.items !== undefined && count > 6)
      entries = columnsOf(context, entries, shape.hasNote === true,
        shape.items(count));
    const head = base === '' ? open : `${base} ${open}`;
    if (context.level - level < levelsPerLine && count === entries.length) {
      const start = count + context.indent + open.length + base.length + 10;
      if (fitsOneLine(context, entries, start, base)) {
        const joined = entries.join(', ');
        if (!joined.includes('\n'))
          return `${head} ${joined} ${close}`;
      }
    }
    const line = `\n${' '.repeat(context.indent)}`;
    return `${head}${line}  ${entries.join(`,${line}  `)}${line}${close}`;
  }

  // -- properties -----------------------------------------------------------------

  const index = /^(?:0|[1-9][0-9]{0,9})$/;

  const isIndex = (key) => index.test(key) && +key < 4294967295;

  function keysOf(object, context) {
    const symbols = getOwnPropertySymbols(object);
    if (context.showHidden)
      return [...getOwnPropertyNames(object), ...symbols];
    const names = enumerableKeys(object);
    for (let i = 0; i < symbols.length; i++)
      if (apply(isEnumerable, object, [symbols[i]]))
        names.push(symbols[i]);
    return names;
  }

  // The keys of an array-like that are not its elements. Indices come first; of
  // a very long one, listing them would take longer than all the rest.
  const maxListedIndices = 20000;

  function extraKeysOf(object, length, context) {
    if (length > maxListedIndices)
      return [];
    const keys = keysOf(object, context);
    let from = 0;
    for (let to = keys.length; from < to;) {
      const middle = (from + to) >> 1;
      if (typeof keys[middle] === 'string' && isIndex(keys[middle]))
        from = middle + 1;
      else
        to = middle;
    }
    return keys.slice(from);
  }

  function nested(context, value, by = 2) {
    context.indent += by;
    const text = valueText(context, value);
    context.indent -= by;
    return text;
  }

  // Of an object's own property.
  function propertyText(context, object, key) {
    const value = ownValue(object, key);
    if (value === accessor) {
      const { get, set } = getOwnPropertyDescriptor(object, key);
      if (get === undefined)
        return set === undefined ? 'undefined' : '[Setter]';
      return set === undefined ? '[Getter]' : '[Getter/Setter]';
    }
    return nested(context, value === absent ? undefined : value);
  }

  function keyText(key, enumerable) {
    if (typeof key === 'symbol')
      return `[${apply(symbolText, key, [])}]`;
    if (key === '__proto__')
      return "['__proto__']";
    if (!enumerable)
      return `[${key}]`;
    const kind = textKind(key);
    if ((kind & isIdentifier) !== 0)
      return key;
    return (kind & needsEscapes) === 0 ? `'${key}'` : quote(key);
  }

  function addProperties(context, object, keys, entries) {
    for (let i = 0; i < keys.length; i++) {
      if (context.room < 0) {
        entries.push(more(keys.length - i, 'property', 'properties'));
        return;
      }
      const key = keys[i];
      const text = propertyText(context, object, key);
      const enumerable = !context.mixed || apply(isEnumerable, object, [key]);
      entries.push(`${keyText(key, enumerable)}: ${text}`);
    }
  }

  const more = (count, one, many) =>
    `... ${count} more ${count > 1 ? many : one}`;

  // -- kinds of objects -------------------------------------------------------------

  // A kind gives the brackets and what stands before them (`base`), the keys to
  // list, and a function that adds its own entries; or text, when that is all.

  function arrayKind(context, array, constructor, tag) {
    const { length } = array;
    const { maxItems } = context;
    const before = constructor !== 'Array' || tag !== ''
      ? prefix(constructor, tag, 'Array', `(${length})`) : '';
    const keys = extraKeysOf(array, length, context);
    if (length === 0 && keys.length === 0)
      return { text: `${before}[]` };
    const shape = { open: `${before}[`, close: ']', base: '', keys };
    shape.add = (entries) => {
      let shown = 0;
      let at = 0;
      // Holes count as one item together; the keys tell where the next is.
      let names;
      let next = 0;
      for (; at < length && shown < maxItems && context.room >= 0; shown++) {
        const value = ownValue(array, at);
        if (value !== absent) {
          entries.push(value === accessor ? propertyText(context, array, at)
            : nested(context, value));
          at++;
          continue;
        }
        names ??= getOwnPropertyNames(array);
        while (next < names.length && isIndex(names[next]) && +names[next] < at)
          next++;
        const end = next < names.length && isIndex(names[next])
          ? +names[next] : length;
        entries.push(`<${end - at} empty item${end - at > 1 ? 's' : ''}>`);
        at = end;
      }
      if (at < length) {
        entries.push(more(length - at, 'item', 'items'));
        shape.hasNote = shown >= maxItems;
      }
    };
    shape.items = (count) => {
      for (let i = 0; i < count; i++) {
        const type = typeof ownValue(array, i);
        if (type !== 'number' && type !== 'bigint')
          return false;
      }
      return true;
    };
    return shape;
  }

  function typedArrayKind(context, array, constructor, tag, name) {
    const length = apply(typedArrayLength, array, []);
    const { maxItems } = context;
    const before = prefix(constructor, tag, name, `(${length})`);
    const keys = extraKeysOf(array, length, context);
    if (length === 0 && keys.length === 0)
      return { text: `${before}[]` };
    return {
      open: `${before}[`, close: ']', base: '', keys,
      hasNote: length > maxItems,
      add(entries) {
        const count = min(length, maxItems);
        for (let i = 0; i < count; i++)
          entries.push(primitiveText(array[i], context));
        if (length > count)
          entries.push(more(length - count, 'item', 'items'));
      },
      items: (count) => count <= length,
    };
  }

  function collectionKind(context, size, before, keys, each) {
    if (size === 0 && keys.length === 0)
      return { text: `${before}{}` };
    const { maxItems } = context;
    return {
      open: `${before}{`, close: '}', base: '', keys,
      add(entries) {
        context.indent += 2;
        let shown = 0;
        each((...parts) => {
          if (shown++ < maxItems && context.room >= 0)
            entries.push(
              parts.map((part) => valueText(context, part)).join(' => '));
        });
        if (size > entries.length)
          entries.push(more(size - entries.length, 'item', 'items'));
        context.indent -= 2;
      },
    };
  }

  function setKind(context, set, constructor, tag, keys) {
    const size = apply(setSize, set, []);
    return collectionKind(context, size,
      prefix(constructor, tag, 'Set', `(${size})`), keys,
      (visit) => apply(setForEach, set, [(value) => visit(value)]));
  }

  function mapKind(context, map, constructor, tag, keys) {
    const size = apply(mapSize, map, []);
    return collectionKind(context, size,
      prefix(constructor, tag, 'Map', `(${size})`), keys,
      (visit) => apply(mapForEach, map, [(value, key) => visit(key, value)]));
  }

  function classBase(callable, constructor, tag) {
    const name = nameOf(callable) || '(anonymous)';
    let base = `class ${name}`;
    if (constructor !== 'Function' && constructor !== null)
      base += ` [${constructor}]`;
    if (tag !== '' && constructor !== tag)
      base += ` [${tag}]`;
    if (constructor === null)
      return `[${base} extends null]`;
    const parent = getPrototypeOf(callable);
    const parentName = typeof parent === 'function' ? nameOf(parent) : '';
    return parentName !== '' ? `[${base} extends ${parentName}]` : `[${base}]`;
  }

  function isClass(text) {
    if (!text.startsWith('class') || !text.endsWith('}'))
      return false;
    const body = text.indexOf('{');
    const head = text.slice(5, body);
    return !head.includes('(') || /^\s+[^(]+?\s*extends\s/.test(head);
  }

  function functionBase(callable, constructor, tag) {
    if (isClass(apply(functionText, callable, [])))
      return classBase(callable, constructor, tag);
    const kind = classOf(callable);
    let type = 'Function';
    if (kind === classes.asyncFunction)
      type = 'AsyncFunction';
    else if (kind === classes.generatorFunction)
      type = 'GeneratorFunction';
    else if (kind === classes.asyncGeneratorFunction)
      type = 'AsyncGeneratorFunction';
    let base = `[${type}`;
    if (constructor === null)
      base += ' (null prototype)';
    const name = nameOf(callable);
    base += name === '' ? ' (anonymous)]' : `: ${name}]`;
    if (constructor !== type && constructor !== null)
      base += ` ${constructor}`;
    if (tag !== '' && constructor !== tag)
      base += ` [${tag}]`;
    return base;
  }

  const withoutOurs = (stack) => stack.trimEnd().split('\n')
    .filter((frame) => !frame.includes('(<prelude>:')).join('\n');

  const bareStack = (error) => {
    const own = getOwnPropertyDescriptor(error, 'stack');
    if (own !== undefined)
      return typeof own.value === 'string' ? own.value : '';
    const stack = quietly(() => apply(errorStack, error, []));
    return typeof stack === 'string' ? withoutOurs(stack) : '';
  };

  // `Name: message`, with the name of the class where it says more.
  function errorTitle(error, constructor, tag) {
    const ownName = peek(error, 'name');
    const name = typeof ownName === 'string' ? ownName : 'Error';
    const ownMessage = peek(error, 'message');
    const message = typeof ownMessage === 'string' ? ownMessage : '';
    let title = name;
    const shown = prefix(constructor, tag, 'Error').slice(0, -1);
    if ((constructor === null || name.endsWith('Error')) && shown !== name)
      title = shown.includes(name) ? shown : `${shown} [${name}]`;
    if (title === '' || message === '')
      return title + message;
    return `${title}: ${message}`;
  }

  function errorBase(context, error, constructor, tag, keys) {
    const title = errorTitle(error, constructor, tag);
    const frames = bareStack(error);
    // A stack that a script wrote may have the title already.
    let text = frames === '' ? `[${title}]`
      : frames.startsWith('    at ') ? `${title}\n${frames}` : frames;
    for (const name of ['name', 'message', 'stack']) {
      const at = keys.indexOf(name);
      if (at < 0)
        continue;
      const value = peek(error, name);
      if (typeof value !== 'string' || text.includes(value))
        keys.splice(at, 1);
    }
    for (const name of ['cause', 'errors']) {
      const own = getOwnPropertyDescriptor(error, name);
      if (own !== undefined && !keys.includes(name)
          && (name === 'cause' || isArray(own.value))) {
        keys.push(name);
        context.mixed = true;
      }
    }
    if (context.indent > 0)
      text = text.replaceAll('\n', `\n${' '.repeat(context.indent)}`);
    return text;
  }

  function bufferKind(context, buffer, before, length, keys) {
    return {
      open: `${before}{`, close: '}', base: '', keys,
      add(entries) {
        const bytes = quietly(() => new Uint8Array(buffer)) ?? [];
        const shown = [];
        for (let i = 0; i < min(bytes.length, context.maxItems); i++)
          shown.push(hex(bytes[i], 2).toLowerCase());
        const rest = bytes.length - shown.length;
        const note = rest > 0 ? ` ${more(rest, 'byte', 'bytes')}` : '';
        entries.push(`[Uint8Contents]: <${shown.join(' ')}${note}>`);
        entries.push(`byteLength: ${length}`);
      },
    };
  }

  function viewKind(context, view, before, keys) {
    return {
      open: `${before}{`, close: '}', base: '', keys,
      add(entries) {
        entries.push(`byteLength: ${apply(viewLength, view, [])}`);
        entries.push(`byteOffset: ${apply(viewOffset, view, [])}`);
        entries.push(`buffer: ${nested(context, apply(viewBuffer, view, []))}`);
      },
    };
  }

  function promiseKind(context, promise, before, keys) {
    return {
      open: `${before}{`, close: '}', base: '', keys,
      add(entries) {
        const state = promiseState(promise);
        if (state === 0) {
          entries.push('<pending>');
          return;
        }
        const text = nested(context, promiseResult(promise));
        entries.push(state === 2 ? `<rejected> ${text}` : text);
      },
    };
  }

  function baseKind(base, keys) {
    return keys.length === 0 ? { text: base }
      : { open: '{', close: '}', base, keys };
  }

  function boxKind(context, box, constructor, tag, keys, [type, valueOf]) {
    const value = apply(valueOf, box, []);
    if (type === 'String')
      keys = keys.slice(value.length);
    let base = `[${type}`;
    if (type !== constructor)
      base += constructor === null ? ' (null prototype)' : ` (${constructor})`;
    base += `: ${primitiveText(value, plainContext)}]`;
    if (tag !== '' && tag !== constructor)
      base += ` [${tag}]`;
    return baseKind(base, keys);
  }

  function dateBase(date, constructor, tag) {
    const text = Number.isNaN(apply(dateTime, date, []))
      ? apply(dateToString, date, []) : apply(dateToISO, date, []);
    const before = prefix(constructor, tag, 'Date');
    return before === 'Date ' ? text : before + text;
  }

  function regExpBase(regExp, constructor, tag) {
    const text = `/${quietly(() => apply(regExpSource, regExp, [])) ?? ''}/`
      + (quietly(() => apply(regExpFlags, regExp, [])) ?? '');
    const before = prefix(constructor, tag, 'RegExp');
    return before === 'RegExp ' ? text : before + text;
  }

  function unknownItems(before, keys) {
    return {
      open: `${before}{`, close: '}', base: '', keys,
      add: (entries) => entries.push('<items unknown>'),
    };
  }

  function plainKind(constructor, tag, keys) {
    const before = constructor === 'Object' && tag === ''
      ? '' : prefix(constructor, tag, 'Object');
    return keys.length === 0 ? { text: `${before}{}` }
      : { open: `${before}{`, close: '}', base: '', keys };
  }

  function kindOf(context, object, kind) {
    const constructor = constructorName(object, context);
    const tag = tagOf(object);
    if (kind === classes.array)
      return arrayKind(context, object, constructor, tag);
    const typed = typedArrayNames.get(kind);
    if (typed !== undefined)
      return typedArrayKind(context, object, constructor, tag, typed);
    const keys = keysOf(object, context);
    const before = (fallback) => prefix(constructor, tag, fallback);
    if (typeof object === 'function')
      return baseKind(functionBase(object, constructor, tag), keys);
    const box = boxes.get(kind);
    if (box !== undefined)
      return boxKind(context, object, constructor, tag, keys, box);
    switch (kind) {
      case classes.set:
        return setKind(context, object, constructor, tag, keys);
      case classes.map:
        return mapKind(context, object, constructor, tag, keys);
      case classes.strictArguments:
      case classes.sloppyArguments:
        return keys.length === 0 ? { text: '[Arguments] {}' }
          : { open: '[Arguments] {', close: '}', base: '', keys };
      case classes.error: {
        const base = errorBase(context, object, constructor, tag, keys);
        return baseKind(base, keys);
      }
      case classes.regExp:
        return baseKind(regExpBase(object, constructor, tag), keys);
      case classes.date:
        return baseKind(dateBase(object, constructor, tag), keys);
      case classes.promise:
        return promiseKind(context, object, before('Promise'), keys);
      case classes.arrayBuffer:
        return bufferKind(context, object, before('ArrayBuffer'),
          apply(bufferLength, object, []), keys);
      case classes.sharedArrayBuffer:
        return bufferKind(context, object, before('SharedArrayBuffer'),
          apply(sharedBufferLength, object, []), keys);
      case classes.dataView:
        return viewKind(context, object, before('DataView'), keys);
      case classes.weakSet:
        return unknownItems(before('WeakSet'), keys);
      case classes.weakMap:
        return unknownItems(before('WeakMap'), keys);
      default:
        return plainKind(constructor, tag, keys);
    }
  }

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
    return {
      ...plainOptions,
      depth: depth === null ? Infinity : typeof depth === 'number' ? depth : 2,
      showHidden: peek(options, 'showHidden') === true,
      custom: peek(options, 'customInspect') !== false,
    };
  }

  // -- format -----------------------------------------------------------------------

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

  // -- console ------------------------------------------------------------------------

  let groupIndent = '';
  const counts = new Map();
  const timers = new Map();

  function line(text) {
    return groupIndent === '' ? text
      : groupIndent + text.replaceAll('\n', `\n${groupIndent}`);
  }

  const print = (...values) => line(format(values));

  const labelOf = (label) => label === undefined ? 'default' : `${label}`;

  function duration(label, rest) {
    const started = timers.get(label);
    if (started === undefined)
      return line(`Warning: No such label '${label}' for console.time()`);
    const ms = now() - started;
    const text = ms >= 1000 ? `${(ms / 1000).toFixed(3)}s`
      : `${Number(ms.toFixed(3))}ms`;
    return print(`${label}: ${text}`.replaceAll('%', '%%'), ...rest,
      ...(rest.length === 0 ? [''] : [])).trimEnd();
  }

  function group(...values) {
    const text = values.length > 0 ? print(...values) : undefined;
    groupIndent += '  ';
    return text;
  }

  function trace(...values) {
    // The first is the native function that called us.
    const frames = withoutOurs(apply(errorStack, new Error(), []))
      .split('\n').slice(1);
    const title = values.length > 0 ? `Trace: ${format(values)}` : 'Trace';
    return line([title, ...frames].join('\n'));
  }

  const tableOptions = { ...plainOptions, lineWidth: Infinity, maxItems: 3 };

  function cellText(value) {
    const deep = isObject(value) && !isProxy(value) && !isArray(value)
      && typeof value !== 'function' && enumerableKeys(value).length > 2;
    return describe(value, { ...tableOptions, depth: deep ? -1 : 0 },
      previewRoom);
  }

  // The rows of a table: [index, value] pairs and what the index is called.
  function tableRows(data) {
    const kind = classOf(data);
    const rows = [];
    if (kind === classes.map) {
      let i = 0;
      apply(mapForEach, data, [(value, key) => rows.push([i++, value, key])]);
      return { rows, title: '(iteration index)', keyed: true, whole: true };
    }
    if (kind === classes.set) {
      let i = 0;
      apply(setForEach, data, [(value) => rows.push([i++, value])]);
      return { rows, title: '(iteration index)', whole: true };
    }
    for (const key of enumerableKeys(data))
      rows.push([key, peek(data, key)]);
    return { rows, title: '(index)' };
  }

  function drawTable(head, rows) {
    const widths = head.map((text, column) =>
      max(text.length, ...rows.map((row) => row[column].length)) + 2);
    const rule = (left, cross, right) =>
      left + widths.map((width) => '─'.repeat(width)).join(cross) + right;
    const draw = (cells) =>
      `│${cells.map((text, i) => ` ${text}`.padEnd(widths[i])).join('│')}│`;
    return [rule('┌', '┬', '┐'), draw(head), rule('├', '┼', '┤'),
      ...rows.map(draw), rule('└', '┴', '┘')].join('\n');
  }

  function table(given, columns) {
    const data = unwrap(given);
    if (!isObject(data))
      return print(given);
    const { rows, title, keyed, whole } = tableRows(data);
    const names = [];
    let hasValues = false;
    const lines = rows.map(([at, value, key]) => {
      const cells = new Map();
      const object = unwrap(value);
      if (whole || !isObject(object)) {
        hasValues = true;
        return { at: `${at}`, key, cells, value: cellText(value) };
      }
      for (const name of isArray(columns) ? columns : enumerableKeys(object)) {
        if (!names.includes(name))
          names.push(name);
        if (getOwnPropertyDescriptor(object, name) !== undefined)
          cells.set(name, cellText(peek(object, name)));
      }
      return { at: `${at}`, key, cells, value: '' };
    });
    const head = [title, ...(keyed ? ['Key'] : []), ...names,
      ...(hasValues ? ['Values'] : [])];
    return line(drawTable(head, lines.map(({ at, key, cells, value }) => [at,
      ...(keyed ? [cellText(key)] : []),
      ...names.map((name) => cells.get(name) ?? ''),
      ...(hasValues ? [value] : [])])));
  }

  const console = {
    log: print,
    info: print,
    warn: print,
    error: print,
    debug: print,
    trace,
    table,
    group,
    groupCollapsed: group,
    assert(condition, ...values) {
      if (condition)
        return undefined;
      return values.length === 0 ? line('Assertion failed')
        : print(`Assertion failed: ${values[0]}`, ...values.slice(1));
    },
    dir: (value, options) => line(describe(value,
      { ...optionsFrom(options), custom: false }, consoleRoom)),
    dirxml: print,
    groupEnd() {
      groupIndent = groupIndent.slice(2);
    },
    count(label) {
      const name = labelOf(label);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return line(`${name}: ${count}`);
    },
    countReset(label) {
      const name = labelOf(label);
      return counts.delete(name) ? undefined
        : line(`Warning: Count for '${name}' does not exist`);
    },
    time(label) {
      const name = labelOf(label);
      if (timers.has(name))
        return line(`Warning: Label '${name}' already exists for `
          + 'console.time()');
      timers.set(name, now());
      return undefined;
    },
    timeLog: (label, ...values) => duration(labelOf(label), values),
    timeEnd(label) {
      const name = labelOf(label);
      const text = duration(name, []);
      timers.delete(name);
      return text;
    },
  };

  // -- what the host calls ------------------------------------------------------------

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

  const seen = new Set();
  freeze(globalThis, seen);
  for (const hidden of [function* () {}, async () => {}, async function* () {},
    new Map().entries(), new Set().values(), [].values(), ''[Symbol.iterator](),
    'x'.matchAll(/x/g), format, describe, valueText])
    freeze(hidden, seen);
  return { inspect: preview, describeError, console, accessor, absent };
});
