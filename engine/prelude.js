(function (classOf, proxyTarget, promiseState, promiseResult, now) {
  'use strict';
  const f = (...a) => a.map(String).join(' ');
  const console = {};
  for (const n of ['log','info','warn','error','debug','trace','assert','dir','dirxml','table','group','groupCollapsed','groupEnd','count','countReset','time','timeLog','timeEnd']) console[n] = f;
  return { inspect: v => String(v), describeError: e => [String(e), e && e.stack, 0], console };
})
