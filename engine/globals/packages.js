// URL, URLSearchParams and Buffer, which come from npm packages; and where the
// built-in modules that every image has are found.
(function (all) {
  'use strict';

  const { packages, modules, defineHidden, customInspect } = all;

  // -- URL --------------------------------------------------------------------

  const { URL, URLSearchParams } = packages('whatwg-url');
  defineHidden(globalThis, 'URL', URL);
  defineHidden(globalThis, 'URLSearchParams', URLSearchParams);

  const shown = ['href', 'origin', 'protocol', 'username', 'password', 'host',
    'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash'];

  defineHidden(URL.prototype, customInspect,
    function (depth, options, inspect) {
      const name = this.constructor?.name ?? 'URL';
      if (depth < 0)
        return `[${name}]`;
      const parts = {};
      for (const part of shown)
        parts[part] = this[part];
      return `${name} ${inspect(parts, options)}`;
    });

  defineHidden(URLSearchParams.prototype, customInspect,
    function (depth, options, inspect) {
      if (depth < 0)
        return '[Object]';
      const entries = [...this].map(([name, value]) =>
        `${inspect(name)} => ${inspect(value)}`);
      if (entries.length === 0)
        return 'URLSearchParams {}';
      const line = entries.join(', ');
      return line.length > 80 ? `URLSearchParams {\n  ${entries.join(',\n  ')} }`
        : `URLSearchParams { ${line} }`;
    });

  // -- Buffer -----------------------------------------------------------------

  const buffer = packages('buffer');
  const { Buffer } = buffer;
  const { from, isEncoding, byteLength } = Buffer;
  const { toString, write } = Buffer.prototype;

  const isBase64Url = (encoding) => typeof encoding === 'string'
    && encoding.toLowerCase() === 'base64url';
  const known = (encoding) => isBase64Url(encoding) ? 'base64' : encoding;

  // The package has no base64url; it reads it as base64.
  defineHidden(Buffer, 'from', function (value, encoding, length) {
    return Reflect.apply(from, Buffer, [value, known(encoding), length]);
  });
  defineHidden(Buffer, 'isEncoding', (encoding) => isBase64Url(encoding)
    || isEncoding(encoding));
  defineHidden(Buffer, 'byteLength', (value, encoding) =>
    isBase64Url(encoding) ? Math.floor(value.replace(/=+$/, '').length * 3 / 4)
      : byteLength(value, encoding));
  defineHidden(Buffer.prototype, 'toString', function (encoding, start, end) {
    if (!isBase64Url(encoding))
      return Reflect.apply(toString, this, arguments);
    return Reflect.apply(toString, this, ['base64', start, end])
      .replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  });
  defineHidden(Buffer.prototype, 'write', function (text, ...rest) {
    return Reflect.apply(write, this, [text, ...rest.map(known)]);
  });
  defineHidden(globalThis, 'Buffer', Buffer);

  modules.buffer = {
    ...buffer,
    constants: { MAX_LENGTH: buffer.kMaxLength, MAX_STRING_LENGTH: 536870888 },
    kStringMaxLength: 536870888,
    atob: globalThis.atob,
    btoa: globalThis.btoa,
  };

  // The texts of those modules take them from here.
  Object.defineProperty(globalThis, Symbol.for('vm-system.modules'),
    { value: modules });
  return all;
});
