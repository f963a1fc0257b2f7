// The module `fs`. Runs in the prelude's realm; what scripts get is made by
// `realm`, in theirs. `file` is the host's: it returns a value, or minus the
// number of an error.
(function (resolve, compile, readJson, caller, entry, file, sql, exec,
  loader) {
  'use strict';

  const { natives, realm, fail, own, asBuffer } = loader;
  const { keys } = Object;

  // As in the host's `file_operation`.
  const read = 0, write = 1, stat = 2, list = 3, makeFolder = 4, remove = 5,
    rename = 6, pathOfUrl = 7;

  const errors = {
    1: ['EPERM', 'operation not permitted'],
    2: ['ENOENT', 'no such file or directory'],
    5: ['EIO', 'i/o error'],
    13: ['EACCES', 'permission denied'],
    16: ['EBUSY', 'resource busy or locked'],
    17: ['EEXIST', 'file already exists'],
    18: ['EACCES', 'permission denied'],
    20: ['ENOTDIR', 'not a directory'],
    21: ['EISDIR', 'illegal operation on a directory'],
    22: ['EINVAL', 'invalid argument'],
    27: ['EFBIG', 'file too large'],
    28: ['ENOSPC', 'no space left on device'],
    30: ['EROFS', 'read-only file system'],
    36: ['ENAMETOOLONG', 'name too long'],
    39: ['ENOTEMPTY', 'directory not empty'],
    40: ['EACCES', 'permission denied'],
    75: ['EOVERFLOW', 'value too large for defined data type'],
    122: ['EDQUOT', 'disk quota exceeded'],
  };
  const notThere = 2, alreadyThere = 17, isFolder = 21;

  // As in the host's `text_encoding`; 0 is bytes.
  const encodings = {
    __proto__: null, utf8: 1, 'utf-8': 1, latin1: 2, binary: 2, ascii: 2,
    hex: 3, base64: 4,
  };

  const typeMask = 0o170000, folderType = 0o040000, fileType = 0o100000,
    linkType = 0o120000;
  const folderEntry = 4, fileEntry = 8, linkEntry = 10;

  function systemError(number, call, path, other) {
    const [code, text] = errors[number] ?? ['EIO', `error ${number}`];
    const shown = path === undefined ? ''
      : other === undefined ? ` '${path}'` : ` '${path}' -> '${other}'`;
    const error = fail(`${code}: ${text}, ${call}${shown}`, code);
    return described(error, -number, call, path, other);
  }

  function described(error, errno, call, path, other) {
    realm.define(error, 'errno', errno, true);
    realm.define(error, 'syscall', call, true);
    if (path !== undefined)
      realm.define(error, 'path', path, true);
    if (other !== undefined)
      realm.define(error, 'dest', other, true);
    return error;
  }

  const failed = (result) => typeof result === 'number' && result < 0;

  function checked(result, call, path, other) {
    if (failed(result))
      throw systemError(-result, call, path, other);
    return result;
  }

  const at = (given, place) => (given.length > place ? given[place] : undefined);

  function pathOf(value) {
    let path = value;
    if (value !== null && typeof value === 'object') {
      const href = value.href;
      if (typeof href === 'string')
        path = file(pathOfUrl, href);
      if (failed(path))
        throw fail('The URL must be of a file in the worktree',
          'ERR_INVALID_URL_SCHEME');
    }
    if (typeof path !== 'string')
      throw fail('The "path" argument must be of type string or an instance of '
        + 'URL', 'ERR_INVALID_ARG_TYPE');
    if (path.includes('\0'))
      throw fail('The argument \'path\' must be a string without null bytes',
        'ERR_INVALID_ARG_VALUE');
    return path;
  }

  function encodingOf(options, otherwise) {
    const name = typeof options === 'string' ? options
      : own(options, 'encoding');
    if (name === undefined || name === null || name === 'buffer')
      return otherwise;
    const encoding = typeof name === 'string'
      ? encodings[name.toLowerCase()] : undefined;
    if (encoding === undefined)
      throw fail('The encoding is not one of utf8, latin1, hex, base64',
        'ERR_INVALID_ARG_VALUE');
    return encoding;
  }

  function readFile(given) {
    const path = pathOf(at(given, 0));
    const encoding = encodingOf(at(given, 1), 0);
    const result = file(read, path, encoding);
    if (result === -isFolder)
      throw systemError(isFolder, 'read');
    checked(result, 'open', path);
    return encoding === 0 ? asBuffer(result) : result;
  }

  const flags = { __proto__: null, w: 0, a: 1, wx: 2, ax: 3 };

  function store(given, flagOtherwise) {
    const path = pathOf(at(given, 0));
    const data = at(given, 1);
    const options = at(given, 2);
    const flag = flags[own(options, 'flag') ?? flagOtherwise];
    if (flag === undefined)
      throw fail('The flag is not one of w, a, wx, ax',
        'ERR_INVALID_ARG_VALUE');
    const result = file(write, path, data, flag, encodingOf(options, 1));
    if (result === undefined)
      throw fail('The "data" argument must be of type string or an instance of '
        + 'Uint8Array', 'ERR_INVALID_ARG_TYPE');
    checked(result, 'open', path);
  }

  const is = (mode, type) => (mode & typeMask) === type;

  function addTypes(object, isType) {
    const define = (name, type) => realm.define(object, name,
      realm.method(name, () => isType(type)), false);
    define('isFile', 'file');
    define('isDirectory', 'folder');
    define('isSymbolicLink', 'link');
    return object;
  }

  function statusOf(given, follow) {
    const path = pathOf(at(given, 0));
    const result = file(stat, path, follow);
    const quiet = own(at(given, 1), 'throwIfNoEntry') === false;
    if (quiet && result === -notThere)
      return undefined;
    const [mode, size, ino, nlink, uid, gid, atime, mtime, ctime]
      = checked(result, follow ? 'stat' : 'lstat', path);
    const status = realm.object();
    const numbers = {
      mode, size, ino, nlink, uid, gid, atimeMs: atime, mtimeMs: mtime,
      ctimeMs: ctime,
    };
    for (const key of keys(numbers))
      realm.define(status, key, numbers[key], true);
    realm.define(status, 'atime', realm.date(atime), true);
    realm.define(status, 'mtime', realm.date(mtime), true);
    realm.define(status, 'ctime', realm.date(ctime), true);
    const types = { file: fileType, folder: folderType, link: linkType };
    return addTypes(status, (type) => is(mode, types[type]));
  }

  function readFolder(given) {
    const path = pathOf(at(given, 0));
    const options = at(given, 1);
    const found = checked(file(list, path), 'scandir', path);
    const entries = realm.list();
    for (let i = 0; i < found.length; i += 2) {
      let entry = found[i];
      if (own(options, 'withFileTypes') === true) {
        const types = { file: fileEntry, folder: folderEntry, link: linkEntry };
        entry = addTypes(realm.object(), (type) =>
          found[i + 1] === types[type]);
        realm.define(entry, 'name', found[i], true);
        realm.define(entry, 'parentPath', path, true);
      }
      realm.define(entries, i / 2, entry, true);
    }
    return entries;
  }

  function makeParents(path) {
    const parts = path.split('/');
    let made;
    for (let i = 1; i <= parts.length; ++i) {
      const part = parts.slice(0, i).join('/');
      if (part === '' || part === '.')
        continue;
      const result = file(makeFolder, part);
      if (result === 0)
        made ??= part;
      else if (result !== -alreadyThere || (i === parts.length
               && !is(checked(file(stat, part, true), 'mkdir', path)[0],
                 folderType)))
        throw systemError(-result, 'mkdir', path);
    }
    return made;
  }

  function makeDirectory(given) {
    const path = pathOf(at(given, 0));
    if (own(at(given, 1), 'recursive') === true)
      return makeParents(path);
    checked(file(makeFolder, path), 'mkdir', path);
    return undefined;
  }

  function removeTree(path) {
    const entries = checked(file(list, path), 'rm', path);
    for (let i = 0; i < entries.length; i += 2) {
      const entry = `${path}/${entries[i]}`;
      if (entries[i + 1] === folderEntry)
        removeTree(entry);
      else
        checked(file(remove, entry, false), 'rm', entry);
    }
    checked(file(remove, path, true), 'rm', path);
  }

  function removeAny(given) {
    const path = pathOf(at(given, 0));
    const options = at(given, 1);
    const status = file(stat, path, false);
    if (status === -notThere && own(options, 'force') === true)
      return;
    if (!is(checked(status, 'lstat', path)[0], folderType)) {
      checked(file(remove, path, false), 'rm', path);
      return;
    }
    if (own(options, 'recursive') !== true)
      throw described(fail('Path is a directory: rm returned EISDIR (is a '
        + `directory) ${path}`, 'ERR_FS_EISDIR'), isFolder, 'rm', path);
    removeTree(path);
  }

  const operations = {
    readFile,
    writeFile: (given) => store(given, 'w'),
    appendFile: (given) => store(given, 'a'),
    stat: (given) => statusOf(given, true),
    lstat: (given) => statusOf(given, false),
    readdir: readFolder,
    mkdir: makeDirectory,
    rm: removeAny,
    unlink: (given) => {
      const path = pathOf(at(given, 0));
      checked(file(remove, path, false), 'unlink', path);
    },
    rmdir: (given) => {
      const path = pathOf(at(given, 0));
      checked(file(remove, path, true), 'rmdir', path);
    },
    rename: (given) => {
      const from = pathOf(at(given, 0));
      const to = pathOf(at(given, 1));
      checked(file(rename, from, to), 'rename', from, to);
    },
    access: (given) => {
      const path = pathOf(at(given, 0));
      checked(file(stat, path, true), 'access', path);
    },
    copyFile: (given) => {
      const from = pathOf(at(given, 0));
      const to = pathOf(at(given, 1));
      const bytes = checked(file(read, from, 0), 'copyfile', from, to);
      checked(file(write, to, bytes, 0, 1), 'copyfile', from, to);
    },
  };

  function exists(given) {
    try {
      return !failed(file(stat, pathOf(at(given, 0)), true));
    } catch {
      return false;
    }
  }

  function add(object, name, body) {
    realm.define(object, name, realm.method(name, (self, given) =>
      body(given)), true);
  }

  let promises;

  function makePromises() {
    if (promises !== undefined)
      return promises;
    promises = realm.object();
    for (const name of keys(operations))
      add(promises, name, (given) => realm.promise((settle, reject) => {
        try {
          settle(operations[name](given));
        } catch (error) {
          reject(error);
        }
      }));
    return promises;
  }

  natives.set('fs/promises', makePromises);
  natives.set('fs', () => {
    const fs = realm.object();
    for (const name of keys(operations))
      add(fs, `${name}Sync`, operations[name]);
    add(fs, 'existsSync', exists);
    realm.define(fs, 'promises', makePromises(), true);
    return fs;
  });
  return loader;
})
