// A simulation: Conway's game of life on a torus. A glider needs four steps to
// stand one cell further down and right, so it is back home after 4 x 8.

const size = 8;
const glider = ["..o", "o.o", ".oo"];

let cells = Array.from({ length: size }, () => new Uint8Array(size));
glider.forEach((row, y) =>
  [...row].forEach((cell, x) => {
    cells[y + 1][x + 1] = cell === "o" ? 1 : 0;
  })
);

const picture = (cells) =>
  cells.map((row) => [...row].map((cell) => (cell ? "o" : ".")).join(""));

function step(cells) {
  const wrap = (n) => (n + size) % size;
  return cells.map((row, y) =>
    row.map((alive, x) => {
      let neighbours = -alive;
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) {
          neighbours += cells[wrap(y + dy)][wrap(x + dx)];
        }
      }
      return neighbours === 3 || (alive && neighbours === 2) ? 1 : 0;
    })
  );
}

const start = picture(cells).join("\n");
let generation = 0;
do {
  if (generation % 8 === 0) {
    console.log(`generation ${generation}\n${picture(cells).join("\n")}`);
  }
  cells = step(cells);
  generation += 1;
  const alive = cells.reduce((sum, row) => sum + row.reduce((a, b) => a + b), 0);
  check(alive === 5, "a glider has five cells");
} while (picture(cells).join("\n") !== start);

`home again after ${generation} generations`;
