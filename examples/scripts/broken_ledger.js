// Throws: the books do not balance. The error has a class of its own, a cause
// and a stack, and what was printed before it is kept.

class LedgerError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "LedgerError";
  }
}

function post(accounts, [from, to, amount]) {
  if (!(from in accounts)) {
    throw new TypeError(`there is no account ${from}`);
  }
  accounts[from] -= amount;
  accounts[to] += amount;
}

function postAll(accounts, entries) {
  entries.forEach((entry, line) => {
    try {
      post(accounts, entry);
      console.log("posted", entry.join(" "));
    } catch (cause) {
      throw new LedgerError(`line ${line + 1} cannot be posted`, { cause });
    }
  });
}

postAll({ cash: 100, rent: 0, food: 0 }, [
  ["cash", "rent", 60],
  ["cash", "food", 15],
  ["crash", "food", 5],
  ["cash", "food", 5],
]);
