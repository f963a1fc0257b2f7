// The module `crypto`: chance, digests and HMACs.
'use strict';

const internal = globalThis[Symbol.for('vm-system.modules')];
const { Buffer } = internal.buffer;
const {
  digest, fillRandom, webcrypto, codedError, argumentError,
} = internal['internal/host'];

const { isView } = ArrayBuffer;

// Names as the host's library knows them, and the bytes of a block, which
// matter for HMACs.
const blocks = new Map([
  ['md5', 64], ['ripemd160', 64], ['sha1', 64], ['sha224', 64], ['sha256', 64],
  ['sha384', 128], ['sha512', 128], ['sha512-224', 128], ['sha512-256', 128],
  ['sha3-224', 144], ['sha3-256', 136], ['sha3-384', 104], ['sha3-512', 72],
]);

const bytesTypes = 'string or an instance of Buffer, TypedArray, or DataView';
const viewTypes = 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView';

function viewOf(value) {
  if (isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

function bytesOf(value, encoding) {
  if (typeof value === 'string')
    return Buffer.from(value, Buffer.isEncoding(encoding) ? encoding : 'utf8');
  return viewOf(value);
}

function nameOf(algorithm) {
  if (typeof algorithm !== 'string')
    throw argumentError('algorithm', 'of type string', algorithm);
  const name = algorithm.toLowerCase();
  return blocks.has(name) ? name : undefined;
}

const digestOf = (name, bytes) => new Uint8Array(digest(name, bytes.buffer,
  bytes.byteOffset, bytes.byteLength));

function encoded(bytes, encoding) {
  const result = Buffer.from(bytes.buffer);
  return Buffer.isEncoding(encoding) ? result.toString(encoding) : result;
}

// Bytes that are added one after the other.
class Gathered {
  #room = new Uint8Array(64);
  #size = 0;

  add(bytes) {
    const size = this.#size + bytes.length;
    if (size > this.#room.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#room.length));
      larger.set(this.all());
      this.#room = larger;
    }
    this.#room.set(bytes, this.#size);
    this.#size = size;
    return this;
  }

  all() {
    return this.#room.subarray(0, this.#size);
  }
}

const finalized = () => codedError(Error, 'ERR_CRYPTO_HASH_FINALIZED',
  'Digest already called');

function addData(to, data, encoding) {
  const bytes = data instanceof ArrayBuffer ? undefined
    : bytesOf(data, encoding);
  if (bytes === undefined)
    throw argumentError('data', `of type ${bytesTypes}`, data);
  if (to === undefined)
    throw finalized();
  to.add(bytes);
}

class Hash {
  #name;
  #data;

  constructor(name, data) {
    this.#name = name;
    this.#data = data;
  }

  update(data, encoding) {
    addData(this.#data, data, encoding);
    return this;
  }

  digest(encoding) {
    if (this.#data === undefined)
      throw finalized();
    const result = digestOf(this.#name, this.#data.all());
    this.#data = undefined;
    return encoded(result, encoding);
  }

  copy() {
    if (this.#data === undefined)
      throw finalized();
    return new Hash(this.#name, new Gathered().add(this.#data.all()));
  }
}

class Hmac {
  #name;
  #outer;
  #data;

  constructor(name, key) {
    const size = blocks.get(name);
    const short = key.length > size ? digestOf(name, key) : key;
    const padded = new Uint8Array(size);
    padded.set(short);
    this.#name = name;
    this.#outer = padded.map((byte) => byte ^ 0x5c);
    this.#data = new Gathered().add(padded.map((byte) => byte ^ 0x36));
  }

  update(data, encoding) {
    addData(this.#data, data, encoding);
    return this;
  }

  digest(encoding) {
    if (this.#data === undefined)
      return encoded(new Uint8Array(0), encoding);
    const inner = digestOf(this.#name, this.#data.all());
    this.#data = undefined;
    const whole = new Gathered().add(this.#outer).add(inner).all();
    return encoded(digestOf(this.#name, whole), encoding);
  }
}

function createHash(algorithm) {
  const name = nameOf(algorithm);
  if (name === undefined)
    throw new Error('Digest method not supported');
  return new Hash(name, new Gathered());
}

function createHmac(algorithm, key) {
  const name = nameOf(algorithm);
  const bytes = bytesOf(key);
  if (bytes === undefined)
    throw argumentError('key', 'of type string or an instance of ArrayBuffer, '
      + 'Buffer, TypedArray, DataView, KeyObject, or CryptoKey', key);
  if (name === undefined)
    throw codedError(TypeError, 'ERR_CRYPTO_INVALID_DIGEST',
      `Invalid digest: ${algorithm}`);
  return new Hmac(name, bytes);
}

function timingSafeEqual(first, second) {
  const [a, b] = [first, second].map(viewOf);
  if (a === undefined || b === undefined)
    throw codedError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${a === undefined
      ? 'buf1' : 'buf2'}" argument must be ${viewTypes}.`);
  if (a.length !== b.length)
    throw codedError(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH',
      'Input buffers must have the same byte length');
  let difference = 0;
  for (let i = 0; i < a.length; i++)
    difference |= a[i] ^ b[i];
  return difference === 0;
}

const largest = 2 ** 31 - 1;

function outOfRange(name, range, value) {
  const text = Math.abs(value) > 2 ** 32
    ? `${value}`.replace(/\B(?=(\d{3})+$)/g, '_') : `${value}`;
  return codedError(RangeError, 'ERR_OUT_OF_RANGE', `The value of "${name}" `
    + `is out of range. It must be ${range}. Received ${text}`);
}

function checkSize(name, size, most) {
  if (typeof size !== 'number')
    throw argumentError(name, 'of type number', size);
  if (!(size >= 0 && size <= most))
    throw outOfRange(name, `>= 0 && <= ${most}`, size);
}

// The same by a callback, when there is one.
function answer(result, callback, noError) {
  if (callback === undefined)
    return result;
  if (typeof callback !== 'function')
    throw argumentError('callback', 'of type function', callback);
  setImmediate(callback, noError, result);
  return undefined;
}

function randomBytes(size, callback) {
  checkSize('size', size, largest);
  const bytes = Buffer.alloc(Math.trunc(size));
  fillRandom(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return answer(bytes, callback, null);
}

// `offset` and `size` count elements, as in Node.
function randomFillSync(target, offset = 0, size = undefined) {
  const bytes = viewOf(target);
  if (bytes === undefined)
    throw argumentError('buf',
      'an instance of ArrayBuffer or ArrayBufferView', target);
  const unit = target.BYTES_PER_ELEMENT ?? 1;
  const length = bytes.length / unit;
  checkSize('offset', offset, length);
  const count = size ?? length - offset;
  checkSize('size', count, largest);
  if (offset + count > length)
    throw outOfRange('size + offset', `<= ${length}`, offset + count);
  fillRandom(bytes.buffer, bytes.byteOffset + offset * unit, count * unit);
  return target;
}

function randomFill(target, ...rest) {
  const callback = rest.pop();
  if (typeof callback !== 'function')
    throw argumentError('callback', 'of type function', callback);
  answer(randomFillSync(target, ...rest), callback, null);
}

const most = 2 ** 48 - 1;

function random48() {
  const bytes = new Uint8Array(6);
  fillRandom(bytes.buffer, 0, 6);
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function randomInt(...given) {
  const callback = typeof given.at(-1) === 'function' ? given.pop() : undefined;
  const [min, max] = given.length < 2 ? [0, given[0]] : given;
  for (const [name, value] of [['min', min], ['max', max]])
    if (!Number.isSafeInteger(value))
      throw argumentError(name, 'a safe integer', value);
  if (max <= min)
    throw outOfRange('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (range > most)
    throw outOfRange('max - min', `<= ${most}`, range);
  // Those above the last whole multiple would make small results likelier.
  const limit = most - most % range;
  let value;
  do
    value = random48();
  while (value >= limit);
  return answer(min + value % range, callback, undefined);
}

Object.assign(exports, {
  createHash, createHmac, getHashes: () => [...blocks.keys()], timingSafeEqual,
  randomBytes, randomFill, randomFillSync, randomInt,
  randomUUID: () => webcrypto.randomUUID(),
  getRandomValues: (array) => webcrypto.getRandomValues(array),
  webcrypto, Hash, Hmac,
});
