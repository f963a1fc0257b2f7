// Stands for the package `tr46`, whose tables are large: only names of hosts
// that are not plain ASCII need it.
'use strict';

let whole;

function load() {
  if (whole === undefined) {
    const module = { exports: {} };
    loadSource('internal/tr46', module);
    whole = module.exports;
  }
  return whole;
}

exports.toASCII = (name, options) =>
  /[^\0-\x7f]/.test(name) || /(?:^|\.)xn--/i.test(name)
    || options?.verifyDNSLength || options?.checkHyphens
    ? load().toASCII(name, options) : name.toLowerCase();

exports.toUnicode = (name, options) => load().toUnicode(name, options);
