// Text of primitives, keys and properties, and how entries become lines.
(function (all) {
  'use strict';

  const {
    accessor, absent, isIdentifier, needsEscapes, shortString,
    maxStringLength, levelsPerLine, isEnumerable, symbolText, enumerableKeys,
    getOwnPropertyNames, getOwnPropertySymbols, getOwnPropertyDescriptor,
    apply, floor, max, min, round, sqrt, ownValue, textKind, width,
  } = all;

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
        && text.length > context.lineWidth - context.indent - 4
        && text.includes('\n'))
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

  // -- putting entries together -----------------------------------------------

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

  // -- properties -------------------------------------------------------------

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
    const text = all.valueText(context, value);
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

  Object.assign(all, {
    primitiveText, keysOf, extraKeysOf, nested, propertyText, hex,
    plainContext, isIndex, more, assemble, addProperties, numberText,
  });
  return all;
});
