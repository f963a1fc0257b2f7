// DOMException, and the errors of Node with a code.
(function (all) {
  'use strict';

  const { defineHidden } = all;
  const { defineProperty } = Object;

  const codes = {
    IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4,
    InvalidCharacterError: 5, NoModificationAllowedError: 7, NotFoundError: 8,
    NotSupportedError: 9, InUseAttributeError: 10, InvalidStateError: 11,
    SyntaxError: 12, InvalidModificationError: 13, NamespaceError: 14,
    InvalidAccessError: 15, TypeMismatchError: 17, SecurityError: 18,
    NetworkError: 19, AbortError: 20, URLMismatchError: 21,
    QuotaExceededError: 22, TimeoutError: 23, InvalidNodeTypeError: 24,
    DataCloneError: 25,
  };

  class DOMException extends Error {
    #code;

    constructor(message = '', options = 'Error') {
      const named = typeof options === 'object' && options !== null;
      if (named && 'cause' in options)
        super(`${message}`, { cause: options.cause });
      else
        super(`${message}`);
      const name = `${named ? options.name ?? 'Error' : options}`;
      this.#code = codes[name] ?? 0;
      defineHidden(this, 'name', name);
    }

    get code() {
      return this.#code;
    }

    static {
      defineProperty(this.prototype, Symbol.toStringTag,
        { value: 'DOMException', configurable: true });
      for (const [name, value] of Object.entries(codes)) {
        const constant = { value, enumerable: true };
        const key = `${name.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g,
          '_').toUpperCase()}_ERR`;
        defineProperty(this, key, constant);
        defineProperty(this.prototype, key, constant);
      }
    }
  }
  defineHidden(globalThis, 'DOMException', DOMException);

  return Object.assign(all, { DOMException });
});
