// What comes from the host: performance, crypto; the name `global`; and what
// stands for `fetch`.
(function (all) {
  'use strict';

  const {
    now, timeOrigin, fillRandom, defineHidden, codedError, DOMException, tag,
    types, customInspect,
  } = all;
  const { isView } = ArrayBuffer;

  const constructing = Symbol();

  function checkKey(key) {
    if (key !== constructing)
      throw codedError(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR',
        'Illegal constructor');
  }

  class Performance {
    constructor(key) {
      checkKey(key);
    }

    now() {
      return now();
    }

    get timeOrigin() {
      return timeOrigin();
    }

    toJSON() {
      return { timeOrigin: timeOrigin() };
    }

    [customInspect](depth, options, inspect) {
      return `Performance ${inspect({ timeOrigin: timeOrigin() }, options)}`;
    }
  }
  tag(Performance, 'Performance');

  const quota = 65536;

  function getRandomValues(array) {
    if (!isView(array) || types.isDataView(array) || types.isFloat32Array(array)
        || types.isFloat64Array(array))
      throw new DOMException('The data argument must be an integer-type '
        + 'TypedArray', 'TypeMismatchError');
    if (array.byteLength > quota)
      throw new DOMException(`The requested length exceeds ${quota} bytes`,
        'QuotaExceededError');
    fillRandom(array.buffer, array.byteOffset, array.byteLength);
    return array;
  }

  const hex = [];
  for (let i = 0; i < 256; i++)
    hex.push(i.toString(16).padStart(2, '0'));

  function randomUUID() {
    const bytes = getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = '';
    for (let i = 0; i < 16; i++)
      text += (i === 4 || i === 6 || i === 8 || i === 10 ? '-' : '')
        + hex[bytes[i]];
    return text;
  }

  class Crypto {
    constructor(key) {
      checkKey(key);
    }

    getRandomValues(array) {
      return getRandomValues(array);
    }

    randomUUID() {
      return randomUUID();
    }
  }
  tag(Crypto, 'Crypto');

  defineHidden(globalThis, 'performance', new Performance(constructing));
  defineHidden(globalThis, 'crypto', new Crypto(constructing));
  defineHidden(globalThis, 'global', globalThis);

  // Says what is missing, where `fetch is not defined` would leave it open.
  defineHidden(globalThis, 'fetch', {
    async fetch() {
      throw codedError(ReferenceError, 'MODULE_NOT_ALLOWED',
        'fetch is not there: scripts have no network access yet');
    },
  }.fetch);

  return all;
});
