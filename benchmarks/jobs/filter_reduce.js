{
  const seed = __ARGS__.seed;
  const rows = [];
  for (let k = 0; k < 20; ++k)
    rows.push({ id: k + seed, v: (k * 7 + seed) % 13 });
  JSON.stringify(rows.filter((row) => row.v > 5).reduce((sums, row) => {
    sums[row.v] = (sums[row.v] || 0) + row.id;
    return sums;
  }, {}));
}
