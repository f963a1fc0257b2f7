// Never ends: looks for an odd perfect number. The template's limits stop it;
// the session stays usable, and what it printed is kept.

function sumOfDivisors(n) {
  let sum = 1;
  for (let d = 3; d * d <= n; d += 2) {
    if (n % d === 0) sum += d * d === n ? d : d + n / d;
  }
  return sum;
}

console.log("looking for an odd perfect number");
for (let n = 3n; ; n += 2n) {
  try {
    if (sumOfDivisors(Number(n)) === Number(n)) console.log("found", n);
  } finally {
    // Not even this keeps it alive.
    continue;
  }
}
