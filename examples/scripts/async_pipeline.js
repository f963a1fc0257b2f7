// Promises and async functions: an async generator feeds a pool of workers
// that never works on more than three things at a time; one of them fails, and
// is retried. The completion value is a promise, which the server awaits.

// Lets other promises' jobs go first, a few times.
async function pause(turns) {
  for (let i = 0; i < turns; i++) await null;
}

async function* pages(count) {
  for (let page = 1; page <= count; page++) {
    await pause(2);
    yield page;
  }
}

let running = 0;
let most = 0;
const attempts = new Map();

async function fetchPage(page) {
  running += 1;
  most = Math.max(most, running);
  try {
    await pause(10 - page);
    const attempt = (attempts.get(page) ?? 0) + 1;
    attempts.set(page, attempt);
    if (page % 3 === 0 && attempt === 1) {
      throw new Error(`page ${page} is not there yet`);
    }
    return { page, items: [page * 10, page * 10 + 1] };
  } finally {
    running -= 1;
  }
}

async function retry(times, action) {
  try {
    return await action();
  } catch (error) {
    if (times === 0) throw error;
    console.warn("again:", error.message);
    return retry(times - 1, action);
  }
}

async function pool(size, source, action) {
  const results = [];
  async function worker(name) {
    let done = 0;
    for (;;) {
      const { value, done: over } = await source.next();
      if (over) break;
      results.push(await action(value));
      done += 1;
    }
    return `${name} did ${done}`;
  }
  const workers = ["ann", "bob", "cy"].slice(0, size).map(worker);
  for (const { status, value } of await Promise.allSettled(workers)) {
    check(status === "fulfilled", "no worker fails");
    console.log(value);
  }
  return results;
}

async function main() {
  const results = await pool(3, pages(7), (page) => retry(2, () => fetchPage(page)));
  check(most <= 3, "at most three at a time");
  const slowest = Promise.race([pause(1000).then(() => "slow"), pause(1).then(() => "fast")]);
  check((await slowest) === "fast", "a race has one winner");
  const firstOf = await Promise.any([Promise.reject(new Error("no")), pause(3).then(() => "yes")]);
  check(firstOf === "yes", "any takes the first that succeeds");
  const items = results
    .sort((a, b) => a.page - b.page)
    .flatMap(({ items }) => items);
  return `${results.length} pages, ${items.length} items, last ${items.at(-1)}`;
}

main();
