// How each kind of object is shown.
(function (all) {
  'use strict';

  const {
    peek, quietly, nameOf, constructorName, tagOf, prefix, isArray, accessor,
    absent, classes, typedArrayNames, boxes, typedArrayLength, mapSize,
    setSize, bufferLength, sharedBufferLength, viewLength, viewOffset,
    viewBuffer, errorStack, mapForEach, setForEach, dateToISO, dateToString,
    dateTime, functionText, regExpSource, regExpFlags, getOwnPropertyNames,
    getOwnPropertyDescriptor, getPrototypeOf, apply, min, classOf,
    promiseState, promiseResult, ownValue, primitiveText, keysOf, extraKeysOf,
    nested, propertyText, hex, plainContext, isIndex, more,
  } = all;

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
              parts.map((part) => all.valueText(context, part)).join(' => '));
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

  const isOurs = (frame) => frame.includes('(<prelude>:')
    || frame.includes('(<globals>:');

  // The frames of scripts. A native function between ours is called by ours.
  function withoutOurs(stack) {
    const frames = stack.trimEnd().split('\n');
    return frames.filter((frame, i) => !isOurs(frame)
      && !(frame.endsWith('(native)') && i + 1 < frames.length
        && isOurs(frames[i + 1]))).join('\n');
  }

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
      ? '' : prefix(constructor, tag,
        constructor === null && tag === 'Module' ? tag : 'Object');
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

  Object.assign(all, {
    arrayKind, plainKind, kindOf, withoutOurs, errorTitle, bareStack,
  });
  return all;
});
