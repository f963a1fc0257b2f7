// The module `database`. Runs in the prelude's realm; what scripts get is made
// by `realm`, in theirs. `sql` is the host's: it returns a list, which begins
// with a string when it is an error's code and message.
(function (resolve, compile, readJson, caller, entry, file, sql, exec,
  loader) {
  'use strict';

  const { natives, realm, fail, own } = loader;
  const { apply, ownKeys } = Reflect;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;

  // As in the host's `sql_operation` and `sql_kind`.
  const open = 0, run = 1, runAll = 2, close = 3, inTransaction = 4;
  const nullKind = 0, integerKind = 1, realKind = 2, textKind = 3,
    blobKind = 4;

  const maxSafe = 2 ** 53 - 1;
  const minBig = -(2n ** 63n), maxBig = 2n ** 63n - 1n;

  const wrongType = (text) => fail(text, 'ERR_INVALID_ARG_TYPE');

  function checked(answer) {
    if (typeof answer[0] === 'string')
      throw fail(`${answer[0]}: ${answer[1]}`, answer[0]);
    return answer;
  }

  // One database of a script. One in a file is opened again when the host has
  // forgotten it, as in a copy of the runtime that opened it.
  function connect(path, readOnly) {
    const target = path === ':memory:' ? undefined : path;
    return {
      target, readOnly, closed: false,
      number: checked(sql(open, target, readOnly))[0],
    };
  }

  function ask(on, operation, text, parameters) {
    if (on === undefined)
      throw fail('the database is not open: call configure or open first',
        'SQLITE_MISUSE');
    if (on.closed)
      throw fail('the database is closed', 'SQLITE_MISUSE');
    let answer = sql(operation, on.number, text, parameters);
    if (answer[0] === 'CLOSED' && on.target !== undefined) {
      on.number = checked(sql(open, on.target, on.readOnly))[0];
      answer = sql(operation, on.number, text, parameters);
    }
    return checked(answer);
  }

  function add(list, name, value) {
    const put = (kind, text) => {
      list[list.length] = name;
      list[list.length] = kind;
      list[list.length] = text;
    };
    switch (typeof value) {
      case 'undefined':
        return put(nullKind, null);
      case 'boolean':
        return put(integerKind, value ? '1' : '0');
      case 'number':
        return value === Math.trunc(value) && Math.abs(value) <= maxSafe
          && !(value === 0 && 1 / value < 0)
          ? put(integerKind, `${value}`) : put(realKind, `${value}`);
      case 'bigint':
        if (value < minBig || value > maxBig)
          throw fail('a bigint does not fit into 64 bits', 'ERR_OUT_OF_RANGE');
        return put(integerKind, `${value}`);
      case 'string':
        return put(textKind, value);
      default:
        if (value === null)
          return put(nullKind, null);
        if (isView(value))
          return put(blobKind, value);
        throw wrongType('a parameter is null, a boolean, a number, a bigint, '
          + 'a string or a Uint8Array');
    }
  }

  // Values in order, one list of them, or an object of names.
  function parametersOf(given) {
    const list = [];
    const first = given.length > 1 ? given[1] : undefined;
    const only = given.length === 2 && first !== null
      && typeof first === 'object' && !isView(first);
    if (only && !isArray(first)) {
      for (const key of ownKeys(first))
        if (typeof key === 'string')
          add(list, key, first[key]);
      return list;
    }
    const values = only ? first : given;
    for (let i = only ? 0 : 1; i < values.length; ++i)
      add(list, null, values[i]);
    return list;
  }

  function textOf(given) {
    if (given.length === 0 || typeof given[0] !== 'string')
      throw wrongType('the statement must be of type string');
    return given[0];
  }

  function query(on, given) {
    const answer = ask(on, run, textOf(given), parametersOf(given));
    const columns = answer[2];
    const rows = realm.list();
    let at = 3 + columns;
    for (let row = 0; at < answer.length; ++row) {
      const made = realm.object();
      for (let i = 0; i < columns; ++i, ++at)
        realm.define(made, answer[3 + i], answer[at], true);
      realm.define(rows, row, made, true);
    }
    return rows;
  }

  // With parameters it is one statement; without, there may be many.
  function exec(on, given) {
    const text = textOf(given);
    const done = realm.object();
    if (given.length === 1) {
      ask(on, runAll, text);
      return undefined;
    }
    const answer = ask(on, run, text, parametersOf(given));
    realm.define(done, 'changes', answer[0], true);
    realm.define(done, 'lastInsertRowid', answer[1], true);
    return done;
  }

  function end(on, statement) {
    if (!on.closed && ask(on, inTransaction)[0])
      ask(on, runAll, statement);
  }

  function transaction(on, given) {
    const body = given.length > 0 ? given[0] : undefined;
    if (typeof body !== 'function')
      throw wrongType('transaction takes a function');
    ask(on, runAll, 'BEGIN IMMEDIATE');
    let done = false;
    try {
      const result = apply(body, undefined, []);
      if (result !== null && typeof result === 'object'
          && typeof result.then === 'function')
        throw wrongType('the function of a transaction must not be async: '
          + 'others would run in the middle of it');
      end(on, 'COMMIT');
      done = true;
      return result;
    } finally {
      if (!done)
        end(on, 'ROLLBACK');
    }
  }

  function disconnect(on) {
    if (on === undefined || on.closed)
      return;
    on.closed = true;
    sql(close, on.number);
  }

  function method(object, name, body) {
    realm.define(object, name, realm.method(name,
      (self, given) => body(given)), true);
  }

  function addMethods(object, connection) {
    method(object, 'query', (given) => query(connection(), given));
    method(object, 'exec', (given) => exec(connection(), given));
    method(object, 'transaction', (given) => transaction(connection(), given));
    method(object, 'close', () => disconnect(connection()));
  }

  function pathOf(value) {
    if (typeof value !== 'string')
      throw wrongType('the database must be a file of the worktree or '
        + '\':memory:\'');
    return value;
  }

  natives.set('database', () => {
    const database = realm.object();
    let configured;
    method(database, 'open', (given) => {
      const on = connect(pathOf(given.length > 0 ? given[0] : undefined),
        own(given.length > 1 ? given[1] : undefined, 'readOnly') === true);
      const object = realm.object();
      addMethods(object, () => on);
      return object;
    });
    // Of a path, of an object with `path`, or of a driver's name and a path.
    method(database, 'configure', (given) => {
      const first = given.length > 0 ? given[0] : undefined;
      const second = given.length > 1 ? given[1] : undefined;
      const driver = typeof second === 'string';
      if (driver && first !== 'sqlite3' && first !== 'sqlite')
        throw fail('the only driver is sqlite3', 'ERR_INVALID_ARG_VALUE');
      const path = driver ? second : own(first, 'path') ?? first;
      const on = connect(pathOf(path), own(first, 'readOnly') === true);
      disconnect(configured);
      configured = on;
    });
    addMethods(database, () => configured);
    return database;
  });
  return loader;
})
