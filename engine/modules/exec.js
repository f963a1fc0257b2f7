// The module `exec`. Runs in the prelude's realm; what scripts get is made by
// `realm`, in theirs. `exec` is the host's: it knows what the template allows,
// and throws what is no result.
(function (resolve, compile, readJson, caller, entry, file, sql, exec, loader) {
  'use strict';

  const { natives, realm, fail, own, asBuffer } = loader;
  const { ownKeys } = Reflect;
  const { getOwnPropertyDescriptor } = Object;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;

  // As in the host's `exec_operation` and `program_end`.
  const allowed = 0, run = 1;
  const signalled = 1, timedOut = 2, wroteTooMuch = 3;

  const most = 2 ** 31 - 1;
  const maxArguments = 65536;

  const at = (given, place) => (given.length > place ? given[place] : undefined);

  function wrongType(what, type) {
    return fail(`The "${what}" argument must be ${type}`,
      'ERR_INVALID_ARG_TYPE');
  }

  function textOf(what, value) {
    if (typeof value !== 'string')
      throw wrongType(what, 'of type string');
    if (value.includes('\0'))
      throw fail(`The argument '${what}' must be a string without null bytes`,
        'ERR_INVALID_ARG_VALUE');
    return value;
  }

  function argumentsOf(value) {
    const list = [];
    if (value === undefined || value === null)
      return list;
    if (!isArray(value))
      throw wrongType('args', 'an array of strings');
    const count = value.length;
    if (count > maxArguments)
      throw fail(`E2BIG: there are more than ${maxArguments} arguments`,
        'E2BIG');
    for (let i = 0; i < count; ++i)
      list[i] = textOf('args', value[i]);
    return list;
  }

  function environmentOf(value) {
    const list = [];
    if (value === undefined || value === null)
      return list;
    if (typeof value !== 'object')
      throw wrongType('env', 'an object of strings');
    for (const name of ownKeys(value)) {
      const property = getOwnPropertyDescriptor(value, name);
      if (typeof name !== 'string' || !property?.enumerable)
        continue;
      list[list.length] = textOf('env', name);
      list[list.length] = textOf('env', property.value);
    }
    return list;
  }

  function inputOf(value) {
    if (value === undefined || value === null || typeof value === 'string')
      return value;
    if (!isView(value))
      throw wrongType('input', 'of type string or a Uint8Array');
    return value;
  }

  // 0 stands for as much as the template allows.
  function boundOf(what, value) {
    if (value === undefined || value === null)
      return 0;
    if (typeof value !== 'number')
      throw wrongType(what, 'of type number');
    if (!(value >= 1))
      throw fail(`The value of "${what}" is out of range: it must be at least 1`,
        'ERR_OUT_OF_RANGE');
    return Math.min(Math.trunc(value), most) | 0;
  }

  function wantsBytes(options) {
    const encoding = own(options, 'encoding');
    if (encoding === undefined || encoding === null || encoding === 'utf8')
      return false;
    if (encoding !== 'buffer')
      throw fail('The encoding is not one of utf8, buffer',
        'ERR_INVALID_ARG_VALUE');
    return true;
  }

  function addOutputs(to, answer, asBytes) {
    const shown = (value) => (asBytes ? asBuffer(value) : value);
    realm.define(to, 'stdout', shown(answer[2]), true);
    realm.define(to, 'stderr', shown(answer[3]), true);
    return to;
  }

  function runProgram(given) {
    const command = textOf('command', at(given, 0));
    const args = argumentsOf(at(given, 1));
    const options = at(given, 2);
    if (options !== undefined && options !== null
        && typeof options !== 'object')
      throw wrongType('options', 'an object');
    const folder = own(options, 'cwd');
    const asBytes = wantsBytes(options);
    const answer = exec(run, command, args,
      environmentOf(own(options, 'env')),
      folder === undefined || folder === null ? undefined
        : textOf('cwd', folder),
      inputOf(own(options, 'input')),
      boundOf('timeout', own(options, 'timeout')),
      boundOf('max_output', own(options, 'max_output')), asBytes);
    const [end, status] = answer;
    if (end === timedOut)
      throw addOutputs(fail(`ETIMEDOUT: ${command} took longer than it may`,
        'ETIMEDOUT'), answer, asBytes);
    if (end === wroteTooMuch)
      throw addOutputs(fail(`ENOBUFS: ${command} wrote more than it may`,
        'ENOBUFS'), answer, asBytes);
    const result = realm.object();
    realm.define(result, 'code', end === signalled ? null : status, true);
    realm.define(result, 'signal', end === signalled ? status : null, true);
    return addOutputs(result, answer, asBytes);
  }

  natives.set('exec', () => {
    if (!exec(allowed))
      throw fail('MODULE_NOT_ALLOWED: this server runs no programs for scripts: '
        + 'start it with --allow-exec', 'MODULE_NOT_ALLOWED');
    const module = realm.object();
    realm.define(module, 'run', realm.method('run',
      (self, given) => runProgram(given)), true);
    return module;
  });
  return loader;
})
