// TextEncoder, TextDecoder, atob, btoa.
(function (all) {
  'use strict';

  const {
    encodeUtf8, decodeUtf8, defineHidden, codedError, argumentError,
    DOMException,
  } = all;
  const { isView } = ArrayBuffer;
  const { fromCharCode } = String;
  const { apply } = Reflect;
  const { atob: decodeBase64, btoa: encodeBase64 } = globalThis;
  const customInspect = Symbol.for('nodejs.util.inspect.custom');

  const isBuffer = (value) => value instanceof ArrayBuffer
    || value instanceof SharedArrayBuffer;

  function tag(type, name) {
    Object.defineProperty(type.prototype, Symbol.toStringTag,
      { value: name, configurable: true });
    defineHidden(globalThis, name, type);
  }

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }

    encode(text = '') {
      return new Uint8Array(encodeUtf8(`${text}`));
    }

    encodeInto(source, target) {
      if (typeof source !== 'string')
        throw argumentError('src', 'of type string', source);
      if (!(target instanceof Uint8Array))
        throw argumentError('dest', 'an instance of Uint8Array', target);
      let read = 0;
      let written = 0;
      for (const character of source) {
        const bytes = new Uint8Array(encodeUtf8(character));
        if (written + bytes.length > target.length)
          break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }

    [customInspect](depth, options, inspect) {
      return `${inspect({ encoding: this.encoding })}`;
    }
  }

  // Code units as text, in pieces that fit into a call.
  function unitsToText(units) {
    const piece = 8192;
    let text = '';
    for (let from = 0; from < units.length; from += piece)
      text += apply(fromCharCode, null, units.subarray(from, from + piece));
    return text;
  }

  // Bytes of the sequence that a byte begins, and the range of its second one;
  // none for what begins no sequence.
  function sequence(first) {
    if (first >= 0xc2 && first <= 0xdf)
      return [2, 0x80, 0xbf];
    if (first >= 0xe0 && first <= 0xef)
      return [3, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf];
    if (first >= 0xf0 && first <= 0xf4)
      return [4, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf];
    return undefined;
  }

  // How many bytes at `at` belong together, and whether they are a character.
  function scan(bytes, at) {
    if (bytes[at] < 0x80)
      return [1, true];
    const known = sequence(bytes[at]);
    if (known === undefined)
      return [1, false];
    const [length, low, high] = known;
    let taken = 1;
    while (taken < length && at + taken < bytes.length) {
      const byte = bytes[at + taken];
      if (byte < (taken === 1 ? low : 0x80) || byte > (taken === 1 ? high : 0xbf))
        return [taken, false];
      taken++;
    }
    return [taken, taken === length];
  }

  // Bytes at the end that a later part may complete.
  function unfinished(bytes) {
    for (let back = 1; back <= 3 && back <= bytes.length; back++) {
      const at = bytes.length - back;
      if ((bytes[at] & 0xc0) === 0x80)
        continue;
      const known = sequence(bytes[at]);
      const [taken, whole] = scan(bytes, at);
      return known !== undefined && !whole && taken === back ? back : 0;
    }
    return 0;
  }

  // Text of bytes that are not all UTF-8.
  function repairUtf8(bytes) {
    let text = '';
    let from = 0;
    for (let at = 0; at < bytes.length;) {
      const [length, whole] = scan(bytes, at);
      if (!whole) {
        text += utf8Text(bytes.subarray(from, at)) + '\ufffd';
        from = at + length;
      }
      at += length;
    }
    return text + utf8Text(bytes.subarray(from));
  }

  const utf8Text = (bytes) =>
    decodeUtf8(bytes.buffer, bytes.byteOffset, bytes.byteLength);

  const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

  const latin1Text = (bytes) =>
    unitsToText(bytes).replace(/[\x80-\x9f]/g,
      (unit) => windows1252[unit.charCodeAt(0) - 0x80]);

  function utf16Text(bytes) {
    const units = new Uint16Array(bytes.length >> 1);
    for (let i = 0; i < units.length; i++)
      units[i] = bytes[2 * i] | (bytes[2 * i + 1] << 8);
    return unitsToText(units);
  }

  const encodings = new Map();
  for (const [name, labels] of [
    ['utf-8', 'utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 '
      + 'x-unicode20utf8'],
    ['utf-16le', 'utf-16le utf-16 ucs-2 unicode unicodefeff csunicode '
      + 'iso-10646-ucs-2'],
    ['windows-1252', 'windows-1252 latin1 ascii us-ascii iso-8859-1 iso8859-1 '
      + 'l1 cp1252 x-cp1252 ansi_x3.4-1968 cp819 csisolatin1 ibm819 iso-ir-100 '
      + 'iso88591 iso_8859-1 iso_8859-1:1987']])
    for (const label of labels.split(' '))
      encodings.set(label, name);

  class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBOM;
    #rest = new Uint8Array(0);
    #atStart = true;

    constructor(label = 'utf-8', options = {}) {
      this.#encoding = encodings.get(`${label}`.trim().toLowerCase());
      if (this.#encoding === undefined)
        throw codedError(RangeError, 'ERR_ENCODING_NOT_SUPPORTED',
          `The "${label}" encoding is not supported`);
      this.#fatal = Boolean(options?.fatal);
      this.#ignoreBOM = Boolean(options?.ignoreBOM);
    }

    get encoding() {
      return this.#encoding;
    }

    get fatal() {
      return this.#fatal;
    }

    get ignoreBOM() {
      return this.#ignoreBOM;
    }

    decode(input, options) {
      const more = Boolean(options?.stream);
      let bytes = this.#bytesOf(input);
      const left = more ? this.#incomplete(bytes) : 0;
      this.#rest = bytes.slice(bytes.length - left);
      bytes = bytes.subarray(0, bytes.length - left);
      try {
        const text = this.#text(bytes);
        if (!this.#atStart || this.#ignoreBOM || text === '')
          return text;
        this.#atStart = false;
        return text[0] === '\ufeff' && this.#encoding !== 'windows-1252'
          ? text.slice(1) : text;
      } finally {
        if (!more)
          this.#atStart = true;
      }
    }

    #bytesOf(input) {
      let bytes;
      if (input === undefined)
        bytes = new Uint8Array(0);
      else if (isView(input))
        bytes = new Uint8Array(input.buffer, input.byteOffset,
          input.byteLength);
      else if (isBuffer(input))
        bytes = new Uint8Array(input);
      else
        throw argumentError('input',
          'an instance of ArrayBuffer or ArrayBufferView', input);
      if (this.#rest.length === 0)
        return bytes;
      const joined = new Uint8Array(this.#rest.length + bytes.length);
      joined.set(this.#rest);
      joined.set(bytes, this.#rest.length);
      return joined;
    }

    #incomplete(bytes) {
      if (this.#encoding === 'utf-8')
        return unfinished(bytes);
      if (this.#encoding === 'windows-1252')
        return 0;
      const odd = bytes.length & 1;
      const last = bytes[bytes.length - odd - 1];
      return last >= 0xd8 && last <= 0xdb ? odd + 2 : odd;
    }

    #text(bytes) {
      if (this.#encoding === 'windows-1252')
        return latin1Text(bytes);
      let text;
      let valid;
      if (this.#encoding === 'utf-8') {
        text = utf8Text(bytes);
        valid = text !== undefined;
        if (!valid && !this.#fatal)
          text = repairUtf8(bytes);
      } else {
        text = utf16Text(bytes);
        valid = text.isWellFormed() && (bytes.length & 1) === 0;
        if (!valid)
          text = text.toWellFormed() + ((bytes.length & 1) === 0 ? '' : '\ufffd');
      }
      if (!valid && this.#fatal)
        throw codedError(TypeError, 'ERR_ENCODING_INVALID_ENCODED_DATA',
          `The encoded data was not valid for encoding ${this.#encoding}`);
      return text;
    }
  }
  tag(TextEncoder, 'TextEncoder');
  tag(TextDecoder, 'TextDecoder');

  const notLatin1 = () => new DOMException('Invalid character',
    'InvalidCharacterError');

  function needsArgument(count, name) {
    if (count === 0)
      throw codedError(TypeError, 'ERR_MISSING_ARGS',
        `The "${name}" argument must be specified`);
  }

  defineHidden(globalThis, 'btoa', function btoa(input) {
    needsArgument(arguments.length, 'input');
    try {
      return encodeBase64(`${input}`);
    } catch {
      throw notLatin1();
    }
  });

  defineHidden(globalThis, 'atob', function atob(input) {
    needsArgument(arguments.length, 'input');
    const text = `${input}`.replace(/[\t\n\f\r ]+/g, '');
    try {
      return decodeBase64(text);
    } catch {
      throw /[^A-Za-z0-9+/=]/.test(text) ? notLatin1()
        : new DOMException('The string to be decoded is not correctly encoded.',
          'InvalidCharacterError');
    }
  });

  return Object.assign(all, { tag, isBuffer, utf8Text, customInspect });
});
