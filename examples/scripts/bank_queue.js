// A simulation by events: customers of a bank, served by a few tellers. A heap
// keeps what happens next; the random numbers are those of the startup file.

class Heap {
  #items = [];
  #before;

  constructor(before) {
    this.#before = before;
  }

  get size() {
    return this.#items.length;
  }

  push(item) {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(items[at], items[parent])) break;
      [items[at], items[parent]] = [items[parent], items[at]];
      at = parent;
    }
  }

  pop() {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length > 0) {
      items[0] = last;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let least = at;
        if (left < items.length && this.#before(items[left], items[least])) least = left;
        if (right < items.length && this.#before(items[right], items[least])) least = right;
        if (least === at) break;
        [items[at], items[least]] = [items[least], items[at]];
        at = least;
      }
    }
    return first;
  }
}

function simulate({ tellers, customers, seed }) {
  const random = makeRandom(seed);
  const exponential = (mean) => -mean * Math.log(1 - random());
  const events = new Heap((a, b) => a.time < b.time);
  let time = 0;
  for (let i = 0; i < customers; i++) {
    time += exponential(2);
    events.push({ time, type: "arrival" });
  }
  const waiting = [];
  let free = tellers;
  let served = 0;
  let waited = 0;
  let longest = 0;
  while (events.size > 0) {
    const { time, type } = events.pop();
    if (type === "arrival") waiting.push(time);
    else free += 1;
    longest = Math.max(longest, waiting.length);
    while (free > 0 && waiting.length > 0) {
      waited += time - waiting.shift();
      served += 1;
      free -= 1;
      events.push({ time: time + exponential(5.5), type: "departure" });
    }
  }
  return { tellers, served, meanWait: waited / served, longest };
}

const results = [3, 4, 5].map((tellers) =>
  simulate({ tellers, customers: 600, seed: 42 })
);
for (const { tellers, served, meanWait, longest } of results) {
  console.log(
    `${tellers} tellers: ${served} customers, mean wait ` +
      `${meanWait.toFixed(1)} min, longest queue ${longest}`
  );
  check(served === 600, "everybody is served");
}
check(
  results[0].meanWait > results[1].meanWait &&
    results[1].meanWait > results[2].meanWait,
  "more tellers, less waiting"
);

`fewest tellers for a mean wait below two minutes: ${
  results.find(({ meanWait }) => meanWait < 2).tellers
}`;
