// Prints more than the template allows. It is stopped there, and what it had
// printed so far is kept.

for (let line = 1; ; line++) {
  console.log(`${line}: ${"all work and no play ".repeat(10)}`);
}
