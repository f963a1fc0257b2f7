// A parser: arithmetic with variables, functions and right-associative powers.
// It builds a tree, prints it, differentiates it and evaluates both.

function* tokens(source) {
  const pattern = /\s*(?:(\d+(?:\.\d+)?)|([a-z]+)|([-+*/^()]))/gy;
  while (pattern.lastIndex < source.trimEnd().length) {
    const rest = source.slice(pattern.lastIndex).trimStart();
    const match = pattern.exec(source);
    if (!match) throw new SyntaxError(`unexpected ${rest[0]}`);
    const [, number, name, symbol] = match;
    if (number) yield { type: "number", value: Number(number) };
    else if (name) yield { type: "name", value: name };
    else yield { type: symbol, value: symbol };
  }
  yield { type: "end", value: "end" };
}

const power = { "+": 1, "-": 1, "*": 2, "/": 2, "^": 4 };

function parse(source) {
  const queue = [...tokens(source)];
  const peek = () => queue[0].type;
  const expect = (type) => {
    const token = queue.shift();
    if (token.type !== type) {
      throw new SyntaxError(`expected ${type}, found ${token.value}`);
    }
    return token;
  };
  function operand() {
    if (peek() === "-") {
      queue.shift();
      return { op: "-", left: 0, right: expression(3) };
    }
    if (peek() === "(") {
      queue.shift();
      const inner = expression(0);
      expect(")");
      return inner;
    }
    if (peek() === "number") return queue.shift().value;
    return expect("name").value;
  }
  function expression(least) {
    let left = operand();
    while (power[peek()] > least) {
      const op = queue.shift().type;
      const right = expression(op === "^" ? power[op] - 1 : power[op]);
      left = { op, left, right };
    }
    return left;
  }
  const tree = expression(0);
  expect("end");
  return tree;
}

const apply = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
};

function evaluate(tree, variables) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") {
    if (tree in variables) return variables[tree];
    throw new ReferenceError(`unknown variable ${tree}`);
  }
  return apply[tree.op](
    evaluate(tree.left, variables),
    evaluate(tree.right, variables)
  );
}

// The derivative by `x`; powers need a constant exponent.
function derive(tree) {
  if (typeof tree === "number") return 0;
  if (typeof tree === "string") return tree === "x" ? 1 : 0;
  const { op, left: f, right: g } = tree;
  const node = (op, left, right) => ({ op, left, right });
  switch (op) {
    case "+":
    case "-":
      return node(op, derive(f), derive(g));
    case "*":
      return node("+", node("*", derive(f), g), node("*", f, derive(g)));
    case "/":
      return node(
        "/",
        node("-", node("*", derive(f), g), node("*", f, derive(g))),
        node("^", g, 2)
      );
    case "^":
      return node("*", node("*", g, node("^", f, g - 1)), derive(f));
  }
}

const show = (tree) =>
  typeof tree === "object"
    ? `(${show(tree.left)} ${tree.op} ${show(tree.right)})`
    : String(tree);

for (const [source, expected] of [
  ["1 + 2 * 3", 7],
  ["(1 + 2) * 3", 9],
  ["2 ^ 3 ^ 2", 512],
  ["-2 ^ 2", -4],
  ["10 - 4 - 3", 3],
  ["7 / 2 * 4", 14],
]) {
  const tree = parse(source);
  const value = evaluate(tree, {});
  console.log(`${source} = ${value}   ${show(tree)}`);
  check(value === expected, source);
}

for (const wrong of ["1 +", "2 ** 3", "(1", "1 $ 2"]) {
  try {
    parse(wrong);
    check(false, `${wrong} should not parse`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    console.warn(`${wrong}: ${error.message}`);
  }
}

const curve = parse("x ^ 3 - 4 * x + 1");
const slope = evaluate(derive(curve), { x: 5 });
console.log("slope of", show(curve), "at 5:", slope);
slope;
