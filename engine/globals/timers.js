// setTimeout, setInterval, setImmediate and what clears them.
//
// The files of this folder make the globals that a JavaScript program expects
// beyond the language itself. They are evaluated in the scripts' realm, in the
// order of the build's list, each a function that is called with what the
// earlier ones gave; this one with the functions of the host and what the
// prelude shares.
(function (all) {
  'use strict';

  const {
    startTimeout, startInterval, startImmediate, stopTimer, holdTimer,
  } = all;
  const { apply } = Reflect;
  const { defineProperty } = Object;
  const { trunc } = Math;

  const longestDelay = 2147483647;

  function delayOf(value) {
    const delay = +value;
    return delay >= 1 && delay <= longestDelay ? trunc(delay) : 1;
  }

  function defineHidden(object, name, value) {
    defineProperty(object, name,
      { value, writable: true, configurable: true });
  }

  function codedError(type, code, message) {
    const error = new type(message);
    error.code = code;
    defineProperty(error, 'name', {
      value: `${error.name}`, writable: true, configurable: true,
    });
    return error;
  }

  function received(value) {
    if (value === null || value === undefined)
      return ` Received ${value}`;
    if (typeof value === 'function')
      return ` Received function ${value.name}`;
    if (typeof value === 'object')
      return value.constructor?.name
        ? ` Received an instance of ${value.constructor.name}`
        : ' Received an object';
    const text = typeof value === 'string' ? `'${value}'`
      : typeof value === 'bigint' ? `${value}n` : String(value);
    return ` Received type ${typeof value} (${text.length > 28
      ? `${text.slice(0, 25)}...` : text})`;
  }

  function argumentError(name, expected, value) {
    return codedError(TypeError, 'ERR_INVALID_ARG_TYPE',
      `The "${name}" ${name.includes('.') ? 'property' : 'argument'} must be ${
        expected}.${received(value)}`);
  }

  function checkCallback(callback) {
    if (typeof callback !== 'function')
      throw argumentError('callback', 'of type function', callback);
  }

  // What one timer is: begin() starts it and gives its id.
  class Timer {
    #begin;
    #id;
    #holds = true;

    constructor(begin) {
      this.#begin = begin;
      this.#start();
    }

    #start() {
      this.#id = this.#begin(this);
      if (this.#id === 0)
        throw new RangeError('too many timers are active');
    }

    #hold(holds) {
      this.#holds = holds;
      holdTimer(this.#id, holds);
    }

    ref() {
      this.#hold(true);
      return this;
    }

    unref() {
      this.#hold(false);
      return this;
    }

    hasRef() {
      return this.#holds;
    }

    static stop(timer) {
      if (typeof timer === 'object' && timer !== null) {
        if (#id in timer)
          stopTimer(timer.#id);
      } else if (timer !== undefined) {
        stopTimer(+timer);
      }
    }

    static restart(timer) {
      stopTimer(timer.#id);
      timer.#start();
      timer.#hold(timer.#holds);
    }

    static id(timer) {
      return timer.#id;
    }
  }

  const { stop, restart, id } = Timer;
  for (const name of ['stop', 'restart', 'id'])
    delete Timer[name];

  class Timeout extends Timer {
    refresh() {
      restart(this);
      return this;
    }

    close() {
      stop(this);
      return this;
    }

    [Symbol.toPrimitive]() {
      return id(this);
    }
  }

  class Immediate extends Timer {}

  for (const type of [Timeout, Immediate])
    defineHidden(type.prototype, Symbol.dispose, function () {
      stop(this);
    });

  function setTimeout(callback, delay, ...values) {
    checkCallback(callback);
    const ms = delayOf(delay);
    return new Timeout((timer) =>
      startTimeout(() => apply(callback, timer, values), ms));
  }

  function setInterval(callback, delay, ...values) {
    checkCallback(callback);
    const ms = delayOf(delay);
    return new Timeout((timer) =>
      startInterval(() => apply(callback, timer, values), ms));
  }

  function setImmediate(callback, ...values) {
    checkCallback(callback);
    return new Immediate((timer) =>
      startImmediate(() => apply(callback, timer, values)));
  }

  function clearTimeout(timer) {
    stop(timer);
  }

  function clearInterval(timer) {
    stop(timer);
  }

  function clearImmediate(timer) {
    if (typeof timer === 'object')
      stop(timer);
  }

  const timers = {
    setTimeout, setInterval, setImmediate,
    clearTimeout, clearInterval, clearImmediate,
  };
  for (const [name, value] of Object.entries(timers))
    defineHidden(globalThis, name, value);

  return Object.assign(all, all.prelude, {
    defineHidden, codedError, argumentError, timers,
  });
});
