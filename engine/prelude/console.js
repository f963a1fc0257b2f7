// The methods of `console`: each makes text, or undefined for none.
(function (all) {
  'use strict';

  const {
    unwrap, peek, isArray, consoleRoom, previewRoom, classes, errorStack,
    mapForEach, setForEach, isObject, isProxy, enumerableKeys,
    getOwnPropertyDescriptor, apply, max, classOf, now, withoutOurs, describe,
    optionsFrom, plainOptions, format,
  } = all;

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

  Object.assign(all, {
    console,
  });
  return all;
});
