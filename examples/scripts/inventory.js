// Classes and closures: private state, getters, inheritance, iterators, tagged
// templates, a memoising function and an undo history made of closures.

class Emitter {
  #listeners = new Map();

  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit(event, ...details) {
    for (const listener of this.#listeners.get(event) ?? []) {
      listener(...details);
    }
  }
}

class Inventory extends Emitter {
  #stock = new Map();
  #undo = [];
  static #count = 0;

  static get count() {
    return Inventory.#count;
  }

  constructor(name) {
    super();
    this.name = name;
    Inventory.#count += 1;
  }

  change(item, by) {
    const before = this.#stock.get(item) ?? 0;
    const after = before + by;
    if (after < 0) {
      throw new RangeError(`${this.name} has only ${before} ${item}`);
    }
    this.#stock.set(item, after);
    this.#undo.push(() => this.#stock.set(item, before));
    this.emit("change", item, before, after);
    return this;
  }

  undo() {
    this.#undo.pop()?.();
    return this;
  }

  get total() {
    return [...this].reduce((sum, [, n]) => sum + n, 0);
  }

  *[Symbol.iterator]() {
    yield* [...this.#stock].filter(([, n]) => n > 0);
  }

  static isOne(thing) {
    return #stock in thing;
  }
}

const list = (strings, ...values) =>
  strings.raw
    .map((text, i) => text + (i < values.length ? [...values[i]].map(([k, n]) => `${n} ${k}`).join(", ") : ""))
    .join("");

const shop = new Inventory("the shop");
const log = [];
const stopListening = shop.on("change", (item, before, after) =>
  log.push(`${item} ${before}->${after}`)
);

shop.change("apple", 10).change("pear", 4).change("apple", -3);
stopListening();
shop.change("plum", 100).undo();
console.log(list`in stock: ${shop}`);
console.log("history:", log.join("; "));
check(log.length === 3, "nobody listens any more");

try {
  shop.change("pear", -5);
} catch (error) {
  check(error instanceof RangeError, "a RangeError");
  console.error(error.message);
}
check(Inventory.isOne(shop) && !Inventory.isOne({}), "private names are a brand");
check(Inventory.count === 1, "one inventory was made");

const memoise = (f, seen = new Map()) => (n) =>
  seen.get(n) ?? seen.set(n, f(n)).get(n);
let calls = 0;
const partitions = memoise((n) => {
  calls += 1;
  // Euler's pentagonal numbers.
  if (n < 0) return 0n;
  if (n === 0) return 1n;
  let sum = 0n;
  for (let k = 1; (k * (3 * k - 1)) / 2 <= n; k++) {
    const sign = k % 2 ? 1n : -1n;
    sum += sign * (partitions(n - (k * (3 * k - 1)) / 2) + partitions(n - (k * (3 * k + 1)) / 2));
  }
  return sum;
});
console.log("ways to write 200 as a sum:", partitions(200));
check(partitions(200) === 3972999029388n, "the number of partitions of 200");
console.log("worked out", calls, "times");

shop.total;
