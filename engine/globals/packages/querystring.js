// The module `querystring`.
'use strict';

function escape(value) {
  const text = typeof value === 'string' ? value
    : typeof value === 'object' ? String(value) : `${value}`;
  if (!text.isWellFormed()) {
    const error = new URIError('URI malformed');
    error.code = 'ERR_INVALID_URI';
    throw error;
  }
  return encodeURIComponent(text);
}

function unescape(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return new TextDecoder().decode(unescapeBytes(text));
  }
}

function unescapeBytes(text) {
  const bytes = [];
  for (let i = 0; i < text.length; i++) {
    const hex = text[i] === '%' ? /^%([0-9a-f]{2})/i.exec(text.slice(i, i + 3))
      : null;
    if (hex === null) {
      bytes.push(...new TextEncoder().encode(text[i]));
      continue;
    }
    bytes.push(parseInt(hex[1], 16));
    i += 2;
  }
  return Uint8Array.from(bytes);
}

function primitiveText(value) {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) ? `${value}` : '';
    case 'bigint':
    case 'boolean':
      return `${value}`;
    default:
      return '';
  }
}

function stringify(object, separator, equals, options) {
  const encode = options?.encodeURIComponent ?? exports.escape;
  if (object === null || typeof object !== 'object')
    return '';
  const parts = [];
  for (const key of Object.keys(object)) {
    const before = encode(key) + (equals || '=');
    const value = object[key];
    for (const one of Array.isArray(value) ? value : [value])
      parts.push(before + encode(primitiveText(one)));
  }
  return parts.join(separator || '&');
}

function parse(text, separator, equals, options) {
  const result = Object.create(null);
  if (typeof text !== 'string' || text === '')
    return result;
  const decode = options?.decodeURIComponent ?? exports.unescape;
  const wanted = typeof options?.maxKeys === 'number' ? options.maxKeys : 1000;
  const between = equals ? `${equals}` : '=';
  const parts = text.split(separator ? `${separator}` : '&');
  const tidy = (part) => {
    const spaced = part.replaceAll('+', ' ');
    if (!spaced.includes('%') && decode === unescape)
      return spaced;
    try {
      return decode(spaced);
    } catch {
      return unescape(spaced);
    }
  };
  let count = 0;
  for (const part of parts) {
    if (wanted > 0 && count >= wanted)
      break;
    if (part === '')
      continue;
    count++;
    const at = part.indexOf(between);
    const key = tidy(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : tidy(part.slice(at + between.length));
    if (!(key in result))
      result[key] = value;
    else if (Array.isArray(result[key]))
      result[key].push(value);
    else
      result[key] = [result[key], value];
  }
  return result;
}

Object.assign(exports, {
  escape, unescape, unescapeBuffer: (text) => Buffer.from(unescapeBytes(`${text}`)),
  stringify, encode: stringify, parse, decode: parse,
});
