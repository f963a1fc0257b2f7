// Event, CustomEvent, EventTarget, AbortController, AbortSignal.
(function (all) {
  'use strict';

  const {
    defineHidden, codedError, argumentError, tag, timers, now, customInspect,
    DOMException,
  } = all;
  const { setTimeout } = timers;

  // What EventTarget does to an event.
  let begin;
  let end;
  let stopped;
  let passive;

  class Event {
    #type;
    #bubbles;
    #cancelable;
    #composed;
    #canceled = false;
    #propagates = true;
    #stopped = false;
    #passive = false;
    #target = null;
    #phase = 0;
    #timeStamp = now();

    constructor(type, options = {}) {
      if (arguments.length === 0)
        throw codedError(TypeError, 'ERR_MISSING_ARGS',
          'The "type" argument must be specified');
      this.#type = `${type}`;
      this.#bubbles = Boolean(options?.bubbles);
      this.#cancelable = Boolean(options?.cancelable);
      this.#composed = Boolean(options?.composed);
    }

    static {
      begin = (event, target) => {
        event.#target = target;
        event.#phase = 2;
      };
      end = (event) => {
        event.#phase = 0;
        event.#propagates = true;
        event.#stopped = false;
      };
      stopped = (event) => event.#stopped;
      passive = (event, value) => {
        event.#passive = value;
      };
    }

    get type() {
      return this.#type;
    }

    get target() {
      return this.#target;
    }

    get srcElement() {
      return this.#target;
    }

    get currentTarget() {
      return this.#phase === 2 ? this.#target : null;
    }

    get eventPhase() {
      return this.#phase;
    }

    get bubbles() {
      return this.#bubbles;
    }

    get cancelable() {
      return this.#cancelable;
    }

    get composed() {
      return this.#composed;
    }

    get defaultPrevented() {
      return this.#canceled;
    }

    get returnValue() {
      return !this.#canceled;
    }

    get cancelBubble() {
      return !this.#propagates;
    }

    set cancelBubble(value) {
      if (value)
        this.#propagates = false;
    }

    get isTrusted() {
      return false;
    }

    get timeStamp() {
      return this.#timeStamp;
    }

    composedPath() {
      return this.#phase === 2 ? [this.#target] : [];
    }

    preventDefault() {
      if (this.#cancelable && !this.#passive)
        this.#canceled = true;
    }

    stopPropagation() {
      this.#propagates = false;
    }

    stopImmediatePropagation() {
      this.#propagates = false;
      this.#stopped = true;
    }

    [customInspect](depth, options, inspect) {
      const name = this.constructor?.name ?? 'Event';
      return depth < 0 ? name : `${name} ${inspect({
        type: this.#type,
        defaultPrevented: this.#canceled,
        cancelable: this.#cancelable,
        timeStamp: this.#timeStamp,
      }, options)}`;
    }

    static {
      for (const [i, name] of ['NONE', 'CAPTURING_PHASE', 'AT_TARGET',
        'BUBBLING_PHASE'].entries()) {
        Object.defineProperty(this, name, { value: i, enumerable: true });
        Object.defineProperty(this.prototype, name,
          { value: i, enumerable: true });
      }
    }
  }
  tag(Event, 'Event');

  class CustomEvent extends Event {
    #detail;

    constructor(type, options) {
      super(...arguments);
      this.#detail = options?.detail ?? null;
    }

    get detail() {
      return this.#detail;
    }
  }
  tag(CustomEvent, 'CustomEvent');

  const report = (error) => queueMicrotask(() => {
    throw error;
  });

  class EventTarget {
    // type -> [{ callback, capture, once, passive, removed }]
    #listeners = new Map();

    addEventListener(type, callback, options) {
      if (arguments.length < 2)
        throw codedError(TypeError, 'ERR_MISSING_ARGS',
          'The "type" and "listener" arguments must be specified');
      if (callback === null || callback === undefined)
        return;
      if (typeof callback !== 'function' && typeof callback !== 'object')
        throw argumentError('listener', 'an instance of EventListener',
          callback);
      const capture = Boolean(typeof options === 'object' && options !== null
        ? options.capture : options);
      const { once = false, passive = false, signal }
        = typeof options === 'object' && options !== null ? options : {};
      if (signal?.aborted)
        return;
      const key = `${type}`;
      let known = this.#listeners.get(key);
      if (known === undefined)
        this.#listeners.set(key, known = []);
      if (known.some((one) => one.callback === callback
          && one.capture === capture))
        return;
      known.push({
        callback, capture, once: Boolean(once), passive: Boolean(passive),
        removed: false,
      });
      signal?.addEventListener('abort',
        () => this.removeEventListener(key, callback, capture), { once: true });
    }

    removeEventListener(type, callback, options) {
      if (arguments.length < 2)
        throw codedError(TypeError, 'ERR_MISSING_ARGS',
          'The "type" and "listener" arguments must be specified');
      const capture = Boolean(typeof options === 'object' && options !== null
        ? options.capture : options);
      const known = this.#listeners.get(`${type}`) ?? [];
      const at = known.findIndex((one) => one.callback === callback
        && one.capture === capture);
      if (at >= 0)
        known.splice(at, 1)[0].removed = true;
    }

    dispatchEvent(event) {
      if (!(event instanceof Event))
        throw argumentError('event', 'an instance of Event', event);
      if (event.eventPhase !== 0)
        throw codedError(Error, 'ERR_EVENT_RECURSION',
          `The event "${event.type}" is already being dispatched`);
      begin(event, this);
      for (const one of [...this.#listeners.get(event.type) ?? []]) {
        if (one.removed)
          continue;
        if (one.once)
          this.removeEventListener(event.type, one.callback, one.capture);
        passive(event, one.passive);
        try {
          if (typeof one.callback === 'function')
            Reflect.apply(one.callback, this, [event]);
          else
            one.callback.handleEvent(event);
        } catch (error) {
          report(error);
        }
        passive(event, false);
        if (stopped(event))
          break;
      }
      end(event);
      return !event.defaultPrevented;
    }
  }
  tag(EventTarget, 'EventTarget');

  // A property `onNAME` that is a listener.
  function defineHandler(prototype, name) {
    const handlers = new WeakMap();
    Object.defineProperty(prototype, `on${name}`, {
      configurable: true,
      enumerable: true,
      get() {
        return handlers.get(this)?.wanted ?? null;
      },
      set(wanted) {
        const known = handlers.get(this);
        if (known !== undefined) {
          known.wanted = wanted;
          return;
        }
        const handler = { wanted };
        handlers.set(this, handler);
        this.addEventListener(name, function (event) {
          if (typeof handler.wanted === 'function')
            Reflect.apply(handler.wanted, this, [event]);
        });
      },
    });
  }

  let abortSignal;
  let makeSignal;
  const constructing = Symbol();

  class AbortSignal extends EventTarget {
    #aborted = false;
    #reason;
    #dependent = new Set();

    constructor(key) {
      if (key !== constructing)
        throw codedError(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR',
          'Illegal constructor');
      super();
    }

    get aborted() {
      return this.#aborted;
    }

    get reason() {
      return this.#reason;
    }

    throwIfAborted() {
      if (this.#aborted)
        throw this.#reason;
    }

    [customInspect](depth, options, inspect) {
      return depth < 0 ? 'AbortSignal'
        : `AbortSignal ${inspect({ aborted: this.#aborted }, options)}`;
    }

    static {
      makeSignal = () => new AbortSignal(constructing);
      abortSignal = (signal,
        reason = new DOMException('This operation was aborted', 'AbortError')) => {
        if (signal.#aborted)
          return;
        const reached = [signal, ...signal.#dependent]
          .filter((one) => !one.#aborted);
        for (const one of reached) {
          one.#aborted = true;
          one.#reason = reason;
        }
        for (const one of reached)
          one.dispatchEvent(new Event('abort'));
      };
    }

    static abort(reason) {
      const signal = makeSignal();
      abortSignal(signal, reason);
      return signal;
    }

    static timeout(delay) {
      const signal = makeSignal();
      setTimeout(() => abortSignal(signal, new DOMException(
        'The operation was aborted due to timeout', 'TimeoutError')),
      delay).unref();
      return signal;
    }

    static any(signals) {
      const all = [...signals];
      for (const signal of all)
        if (!(signal instanceof AbortSignal))
          throw argumentError('signals', 'an instance of AbortSignal', signal);
      const result = makeSignal();
      const done = all.find((signal) => signal.#aborted);
      if (done !== undefined) {
        abortSignal(result, done.#reason);
        return result;
      }
      for (const signal of all)
        signal.#dependent.add(result);
      return result;
    }
  }
  defineHandler(AbortSignal.prototype, 'abort');
  tag(AbortSignal, 'AbortSignal');

  class AbortController {
    #signal = makeSignal();

    get signal() {
      return this.#signal;
    }

    abort(reason) {
      abortSignal(this.#signal, reason);
    }

    [customInspect](depth, options, inspect) {
      return depth < 0 ? 'AbortController'
        : `AbortController ${inspect({ signal: this.#signal }, options)}`;
    }
  }
  tag(AbortController, 'AbortController');

  // util.promisify of the timers, and the functions of timers/promises.
  const aborted = (signal) => {
    const error = codedError(Error, 'ABORT_ERR', 'The operation was aborted');
    error.name = 'AbortError';
    error.cause = signal.reason;
    return error;
  };

  function waiting(start, stop, value, options) {
    const signal = options?.signal;
    if (signal?.aborted)
      return Promise.reject(aborted(signal));
    return new Promise((done, fail) => {
      const timer = start(() => {
        signal?.removeEventListener('abort', onAbort);
        done(value);
      });
      const onAbort = () => {
        stop(timer);
        fail(aborted(signal));
      };
      signal?.addEventListener('abort', onAbort);
      if (options?.ref === false)
        timer.unref();
    });
  }

  const { clearTimeout, setImmediate, clearImmediate, setInterval,
    clearInterval } = timers;
  const promised = {
    setTimeout: (delay, value, options) => waiting(
      (done) => setTimeout(done, delay), clearTimeout, value, options),
    setImmediate: (value, options) => waiting(
      (done) => setImmediate(done), clearImmediate, value, options),
    async *setInterval(delay, value, options) {
      let due = 0;
      let wake;
      const timer = setInterval(() => {
        due++;
        wake?.();
      }, delay);
      try {
        for (;;) {
          if (options?.signal?.aborted)
            throw aborted(options.signal);
          if (due === 0)
            await new Promise((done) => {
              wake = done;
            });
          due--;
          yield value;
        }
      } finally {
        clearInterval(timer);
      }
    },
  };
  const promisifyCustom = Symbol.for('nodejs.util.promisify.custom');
  for (const name of ['setTimeout', 'setImmediate'])
    Object.defineProperty(timers[name], promisifyCustom,
      { value: promised[name], configurable: true });

  return Object.assign(all, { timersPromises: promised, promisifyCustom });
});
