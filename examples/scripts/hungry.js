// Takes more memory than the template allows, and tries to go on regardless.
// The execution is stopped; the process and other sessions notice nothing.

const kept = [];
for (let n = 0; ; n++) {
  kept.push(new Uint8Array(1024 * 1024).fill(n));
  if (n % 8 === 0) console.log("holding", n, "MiB");
}
