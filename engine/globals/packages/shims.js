// Small functions that packages take from others for the sake of old engines.
'use strict';

const { call } = Function.prototype;

exports.callBind = (target) => call.bind(target);

exports.callBindCallBound = (path) => {
  let value = globalThis;
  for (const name of path.replaceAll('%', '').split('.'))
    value = value[name];
  return typeof value === 'function' ? call.bind(value) : value;
};

exports.objectAssignPolyfill = () => Object.assign;
exports.objectIsPolyfill = () => Object.is;
exports.isNanPolyfill = () => Number.isNaN;
