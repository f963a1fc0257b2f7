// What Node's module `url` has beyond that of the package `url`.
(() => {
  'use strict';

  const { exports } = module;
  const coded = (message, code) => Object.assign(new TypeError(message), { code });
  const parts = (name) => {
    try {
      return new URL(`ws://${name}`);
    } catch {
      return undefined;
    }
  };

  function fileURLToPath(given) {
    const url = typeof given === 'string' ? new URL(given) : given;
    if (!(url instanceof URL))
      throw coded('The "path" argument must be of type string or an instance of '
        + 'URL.', 'ERR_INVALID_ARG_TYPE');
    if (url.protocol !== 'file:')
      throw coded('The URL must be of scheme file', 'ERR_INVALID_URL_SCHEME');
    if (url.hostname !== '')
      throw coded('File URL host must be "localhost" or empty on linux',
        'ERR_INVALID_FILE_URL_HOST');
    if (/%2f/i.test(url.pathname))
      throw coded('File URL path must not include encoded / characters',
        'ERR_INVALID_FILE_URL_PATH');
    return decodeURIComponent(url.pathname);
  }

  function pathToFileURL(path) {
    const whole = require('path').resolve('/', path)
      + (path.endsWith('/') && path !== '/' ? '/' : '');
    const url = new URL('file:///');
    url.pathname = whole.replace(/[%\\\n\r\t]/g, (unit) =>
      `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
    return url;
  }

  const format = exports.format;
  module.exports = Object.assign({}, exports, {
    URL, URLSearchParams, fileURLToPath, pathToFileURL,
    domainToASCII: (name) => parts(name)?.hostname ?? '',
    domainToUnicode: (name) => {
      const found = parts(name);
      if (found === undefined)
        return '';
      return require('internal/tr46').toUnicode(found.hostname).domain;
    },
    urlToHttpOptions: (url) => ({
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      hash: url.hash,
      search: url.search,
      pathname: url.pathname,
      path: `${url.pathname}${url.search}`,
      href: url.href,
      ...url.port === '' ? {} : { port: Number(url.port) },
      ...url.username === '' && url.password === '' ? {} : {
        auth: `${decodeURIComponent(url.username)}:${
          decodeURIComponent(url.password)}`,
      },
    }),
    format(given, options) {
      if (!(given instanceof URL))
        return format(given);
      const url = new URL(given);
      if (options?.fragment === false)
        url.hash = '';
      if (options?.search === false)
        url.search = '';
      if (options?.auth === false) {
        url.username = '';
        url.password = '';
      }
      return url.href;
    },
  });
})();
